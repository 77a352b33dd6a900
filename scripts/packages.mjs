/** The drop-in packages, in packages/. */
export const packages = ['synckit', 'make-synchronized'];
