import { rememberErrorClass, type ErrorClass } from './wire/error-classes.ts';

/**
 * Lets errors of a class of yours keep their class when they cross between the threads. Call it on both
 * sides, most simply in the module that defines the class; the two are matched by the class's name.
 *
 * @throws {TypeError} when it is not a class that extends `Error`.
 *
 * @example
 * ```js
 * import { registerError } from 'palitra';
 *
 * export class NotFoundError extends Error {}
 * registerError(NotFoundError);
 * ```
 */
export function registerError(errorClass: ErrorClass): void {
  if (typeof errorClass !== 'function' || !(errorClass.prototype instanceof Error)) {
    throw new TypeError(
      'registerError() takes a class that extends Error, such as registerError(NotFoundError).',
    );
  }
  if (errorClass.name === '') {
    throw new TypeError(
      'registerError() matches classes by name, and this one has none: give it one.',
    );
  }
  rememberErrorClass(errorClass);
}
