// Rows are shared by everyone who reads them, so nobody may change one in place: a change goes through the store.

export function freezeDeep<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) freezeDeep(member);
  return Object.freeze(value);
}
