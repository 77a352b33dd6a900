/** An entry of a form, as it crosses: the name of a file is lost when the file is copied. */
export type FormEntry = readonly [name: string, value: string | Blob, fileName: string | undefined];

export function* formEntries(form: FormData): Generator<FormEntry> {
  for (const [name, value] of form) {
    yield typeof value === 'string' ? [name, value, undefined] : [name, value, value.name];
  }
}

export function makeForm(entries: readonly FormEntry[]): FormData {
  const form = new FormData();
  for (const [name, value, fileName] of entries) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, value, fileName);
  }
  return form;
}
