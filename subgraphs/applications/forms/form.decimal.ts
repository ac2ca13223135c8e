/** Multiples of decimal numbers as people write them: 19.99 is a multiple of 0.01, although not of its nearest binary fraction. */

interface Decimal {
  readonly digits: bigint;
  /** How many of them stand behind the point; below zero for zeros before it. */
  readonly scale: number;
}

/** The shortest text of a number is the decimal that was meant. */
function decimal(value: number): Decimal {
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value))!;
  return { digits: BigInt(`${sign}${whole}${fraction}`), scale: fraction.length - Number(exponent) };
}

export function isMultiple(value: number, of: number): boolean {
  const [a, b] = [decimal(value), decimal(of)];
  const scale = Math.max(a.scale, b.scale);
  const scaled = ({ digits, scale: own }: Decimal) => digits * 10n ** BigInt(scale - own);
  return scaled(a) % scaled(b) === 0n;
}
