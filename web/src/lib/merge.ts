/** Two people changed one record: what each meant, and where they collide. */

export type Value = unknown;
export const same = (a: Value, b: Value): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * `mine` and `theirs` both come from `base`. A field that one of them changed has that value; a field that both changed to different values
 * keeps mine and is named in `clashes`.
 */
export function merge<T extends object>(base: T, mine: T, theirs: T): { value: T; clashes: (keyof T)[] } {
  const value = { ...mine };
  const clashes: (keyof T)[] = [];
  for (const field of Object.keys({ ...theirs, ...mine }) as (keyof T)[]) {
    if (same(theirs[field], base[field]) || same(theirs[field], mine[field])) continue;
    if (same(mine[field], base[field])) value[field] = theirs[field];
    else clashes.push(field);
  }
  return { value, clashes };
}
