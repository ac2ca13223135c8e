/** Demo data of payment: what the services of the demo cost. Amounts and legal bases are made up by us. */
import type { Tx } from '../../kernel/database/database';
import { derivedId } from '../../kernel/ids';
import { Fee } from '../../subgraphs/payment/fees/fee.entity';
import { lineOf, sumOf } from '../../subgraphs/payment/fees/item.type';
import { RESIDENCE } from './catalogue.services';
import { type Place, TRADE_REGISTRATION } from './facts';

const LAND = '01';
const TRADE_CHANGE = '99050012071000';

interface DemoFee {
  readonly leikaKey: string;
  readonly ars: string;
  readonly legalBasis: string;
  readonly prepaymentRequired: boolean;
  /** In cents; none when it is free. */
  readonly line?: { readonly reference: string; readonly description: string; readonly minor: number };
}

const feesOf = (place: Place): readonly DemoFee[] => [
  {
    leikaKey: TRADE_REGISTRATION,
    ars: place.associationArs,
    legalBasis: `Verwaltungsgebührensatzung ${place.associationName} § 3 Nr. 1 (Beispiel)`,
    prepaymentRequired: true,
    line: { reference: 'GEW-A1', description: 'Gewerbeanmeldung', minor: 2600 },
  },
  {
    leikaKey: TRADE_CHANGE,
    ars: LAND,
    legalBasis: 'Landesverordnung über Verwaltungsgebühren, Tarifstelle 12.2 (Beispiel)',
    prepaymentRequired: false,
    line: { reference: 'GEW-A2', description: 'Gewerbeummeldung', minor: 2000 },
  },
  {
    leikaKey: RESIDENCE,
    ars: LAND,
    legalBasis: 'Landesverordnung über Verwaltungsgebühren, Tarifstelle 5.1 (Beispiel)',
    prepaymentRequired: false,
  },
];

export async function seedPayment(tx: Tx, place: Place): Promise<void> {
  for (const { leikaKey, ars, legalBasis, prepaymentRequired, line } of feesOf(place)) {
    const items = line ? [lineOf({ ...line, quantity: 1, taxRatePercent: '0', unitNetMinor: line.minor })] : [];
    await tx
      .createQueryBuilder()
      .insert()
      .into(Fee)
      .values({
        id: derivedId('fee', leikaKey, ars),
        version: 1,
        leikaKey,
        ars,
        items,
        totalMinor: sumOf(items),
        prepaymentRequired,
        legalBasis,
        validFrom: '2026-01-01',
        validTo: null,
        changedBy: null,
        changedAt: new Date(),
      })
      .orIgnore()
      .execute();
  }
}
