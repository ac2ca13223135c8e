/** Settings of online services: JSON with local values laid over it at JSON pointers. */

const parts = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a JSON pointer; null when there is none. */
export function valueAt(settings: unknown, pointer: string): unknown {
  let value = settings;
  for (const part of parts(pointer)) {
    if (!isObject(value) || !Object.hasOwn(value, part)) return null;
    value = value[part];
  }
  return value ?? null;
}

/** A copy with each override in its place. */
export function overlay(settings: unknown, overrides: readonly { path: string; value: unknown }[]): unknown {
  const copy: unknown = structuredClone(settings);
  for (const { path, value } of overrides) {
    const keys = parts(path);
    let at = copy;
    for (const [i, key] of keys.entries()) {
      if (!isObject(at) || key === '__proto__') break;
      if (i === keys.length - 1) at[key] = value;
      else if (!isObject(at[key])) at[key] = {};
      at = at[key];
    }
  }
  return copy;
}

/** The local fee in cents; null when the settings name none, or nonsense. */
export function feeOf(settings: unknown): number | null {
  const amount = valueAt(settings, '/fee/amountMinor');
  return Number.isSafeInteger(amount) && (amount as number) >= 0 ? (amount as number) : null;
}
