/** Bundled into both entries, so there are two classes; their name is how they are matched. */
export class QuotaError extends RangeError {
  // Written out: a bundler that minifies shortens the names of classes.
  static name = 'QuotaError';
  constructor(message, used) {
    super(message);
    this.used = used;
  }
}
