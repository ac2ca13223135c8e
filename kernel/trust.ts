/** Trust levels (Vertrauensniveau), STORK QAA 1 to 4. */

export enum TrustLevel {
  BASIC = 'BASIC',
  LOW = 'LOW',
  SUBSTANTIAL = 'SUBSTANTIAL',
  HIGH = 'HIGH',
}

const ORDER = [TrustLevel.BASIC, TrustLevel.LOW, TrustLevel.SUBSTANTIAL, TrustLevel.HIGH];

/** Is `held` enough for `needed`? An unknown held level counts as the lowest, an unknown need as the highest. */
export function trustSuffices(held: TrustLevel | null | undefined, needed: TrustLevel | null | undefined): boolean {
  const rank = (level: TrustLevel | null | undefined, unknown: number) => {
    const i = level ? ORDER.indexOf(level) : -1;
    return i < 0 ? unknown : i;
  };
  return rank(held, 0) >= rank(needed, ORDER.length - 1);
}

/** The stricter of two levels; an unknown one counts as the highest. */
export const stricterTrust = (a: TrustLevel | null | undefined, b: TrustLevel | null | undefined): TrustLevel =>
  ORDER[Math.max(a ? ORDER.indexOf(a) : 3, b ? ORDER.indexOf(b) : 3)] ?? TrustLevel.HIGH;
