/** How large and how deep a JSON value is, without walking deeper than asked for. */
export function sizeOf(value: unknown, deepest: number): { bytes: number; depth: number } {
  const depth = depthOf(value, deepest);
  return { depth, bytes: depth > deepest ? Number.POSITIVE_INFINITY : Buffer.byteLength(JSON.stringify(value) ?? '') };
}

function depthOf(value: unknown, left: number): number {
  if (value === null || typeof value !== 'object') return 0;
  if (left === 0) return 1;
  let deepest = 0;
  for (const member of Object.values(value)) deepest = Math.max(deepest, depthOf(member, left - 1));
  return deepest + 1;
}
