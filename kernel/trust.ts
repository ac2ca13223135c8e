/** Trust levels (Vertrauensniveau), STORK QAA 1 to 4. */

export enum TrustLevel {
  BASIC = 'BASIC',
  LOW = 'LOW',
  SUBSTANTIAL = 'SUBSTANTIAL',
  HIGH = 'HIGH',
}

const ORDER = [TrustLevel.BASIC, TrustLevel.LOW, TrustLevel.SUBSTANTIAL, TrustLevel.HIGH];

const rank = (level: TrustLevel | null | undefined, unknown: number): number => {
  const i = level ? ORDER.indexOf(level) : -1;
  return i < 0 ? unknown : i;
};

/** Is `held` enough for `needed`? An unknown held level counts as the lowest, an unknown need as the highest. */
export const trustSuffices = (held: TrustLevel | null | undefined, needed: TrustLevel | null | undefined): boolean =>
  rank(held, 0) >= rank(needed, ORDER.length - 1);

/** The stricter of two levels; an unknown one counts as the highest. */
export const stricterTrust = (a: TrustLevel | null | undefined, b: TrustLevel | null | undefined): TrustLevel =>
  ORDER[Math.max(rank(a, ORDER.length - 1), rank(b, ORDER.length - 1))] ?? TrustLevel.HIGH;

/** How far each means of proving who one is reaches, the most common first (§ 3 OZG: substantial with ELSTER, high with eID or eIDAS). */
export const MEANS = {
  EID: { reaches: TrustLevel.HIGH, name: 'Online-Ausweis (eID)' },
  SMART_EID: { reaches: TrustLevel.SUBSTANTIAL, name: 'Smart-eID' },
  EIDAS: { reaches: TrustLevel.HIGH, name: 'eIDAS' },
  ELSTER_CERTIFICATE: { reaches: TrustLevel.SUBSTANTIAL, name: 'ELSTER' },
  PASSWORD: { reaches: TrustLevel.BASIC, name: 'Passwort' },
} as const;

/** For the refusal TRUST_TOO_LOW: the level needed, the level now, and by what means it is reached. */
export function trustGap(held: TrustLevel | null | undefined, needed: TrustLevel | null | undefined) {
  const required = stricterTrust(TrustLevel.BASIC, needed);
  const means = Object.values(MEANS).filter(({ reaches }) => trustSuffices(reaches, required));
  return {
    required,
    current: held && ORDER.includes(held) ? held : TrustLevel.BASIC,
    means: means.map(({ name }) => name).join(', '),
  };
}
