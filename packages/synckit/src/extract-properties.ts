/** What can be enumerated of an object, inherited properties included; undefined for what is no object. */
export const extractProperties = (object?: unknown): object | undefined => {
  if (typeof object !== 'object' || object === null) return undefined;
  const properties: Record<string, unknown> = {};
  // oxlint-disable-next-line guard-for-in -- inherited ones as well
  for (const key in object) properties[key] = (object as Record<string, unknown>)[key];
  return properties;
};
