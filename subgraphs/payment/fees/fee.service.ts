/** Reads and writes of fee rules. */
import { ask } from '../../../kernel/ask';
import { now } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { brokenConstraint, rows, type Tx } from '../../../kernel/database/database';
import { forbidden, notFound } from '../../../kernel/errors';
import { madeBefore, once } from '../../../kernel/idempotency';
import { newId } from '../../../kernel/ids';
import { provenStaff } from '../../../kernel/membership';
import { type Page, type PageArgs, page } from '../../../kernel/page';
import type { ProblemData } from '../../../kernel/refusal';
import { change, checkVersion } from '../../../kernel/version';
import type { AuthorityAreaAnswer } from '../asks';
import { refuse } from '../refusals';
import { isTaxRate } from './amount';
import { Fee } from './fee.entity';
import type { FeeItemInput, SaveFeeInput } from './fee.inputs';
import { areasUpwards } from './fee.rules';
import { lineOf, type StoredItem, sumOf } from './item.type';

/** The most XBezahldienste takes, in cents. */
export const MOST_MINOR = 99_999_900;
const MOST_ITEMS = 99;

/** The rules that hold in an area: its own and those of areas above that it has no own instead of. */
export function findFees(
  ctx: Context,
  args: PageArgs & { ars: string; leikaKey?: string | null; on?: string | null },
): Promise<Page<Fee>> {
  const values: unknown[] = [areasUpwards(args.ars)];
  const place = (value: unknown) => `$${values.push(value)}`;
  const conditions = ['fee.ars = ANY($1)'];
  if (args.leikaKey) conditions.push(`fee.leika_key = ${place(args.leikaKey)}`);
  const nearer = 'nearer.leika_key = fee.leika_key AND nearer.ars = ANY($1) AND length(nearer.ars) > length(fee.ars)';
  if (args.on) {
    const on = `${place(args.on)}::date`;
    const inForce = (fee: string) =>
      `${fee}.valid_from <= ${on} AND (${fee}.valid_to IS NULL OR ${fee}.valid_to >= ${on})`;
    conditions.push(inForce('fee'), `NOT EXISTS (SELECT FROM fee AS nearer WHERE ${nearer} AND ${inForce('nearer')})`);
  } else {
    // it holds on at least one day on which no nearer rule does
    conditions.push(
      `NOT daterange(fee.valid_from, fee.valid_to, '[]') <@ coalesce((SELECT range_agg(daterange(nearer.valid_from,
         nearer.valid_to, '[]')) FROM fee AS nearer WHERE ${nearer}), '{}'::datemultirange)`,
    );
  }
  return ctx.read(tx =>
    page(
      tx,
      Fee,
      {
        subgraph: 'payment',
        kind: 'fees',
        sql: `SELECT fee.* FROM fee WHERE ${conditions.join(' AND ')}`,
        values,
        order: [
          { column: 'leika_key', cast: 'text' },
          { column: 'ars', cast: 'text' },
          { column: 'valid_from', cast: 'date' },
        ],
      },
      args,
    ),
  );
}

/** Whoever publishes for an authority may set the fees of its area and the areas below, never those above or beside. */
export async function saveFee(ctx: Context, input: SaveFeeInput): Promise<Fee> {
  const { principal } = ctx;
  const staff = principal.kind === 'staff' ? principal : null;
  if (!staff) throw forbidden();
  const made = await ctx.write(async tx => {
    await provenStaff(tx, principal, 'catalogue:publish');
    return madeBefore(tx, principal, 'saveFee', input);
  });
  if (made) return getFee(ctx, made);
  const items = checked(input);
  const { authority } = await ask<AuthorityAreaAnswer>(
    'payment',
    'authorityArea',
    { id: staff.authorityId },
    ctx.envelope,
  );
  const own = authority?.area.ars;
  const mayTouch = (ars: string) => own !== undefined && ars.startsWith(own);
  if (!mayTouch(input.ars)) throw forbidden();

  const write = async (tx: Tx): Promise<string> => {
    const content = {
      leikaKey: input.leikaKey,
      ars: input.ars,
      items,
      totalMinor: sumOf(items),
      prepaymentRequired: input.prepaymentRequired,
      legalBasis: input.legalBasis.trim(),
      validFrom: input.validFrom,
      validTo: input.validTo ?? null,
      changedBy: staff.staffMemberId,
      changedAt: now(),
    };
    if (!input.id) {
      const fee = { id: newId(), version: 1, ...content };
      await tx.insert(Fee, fee);
      return fee.id;
    }
    const [fee] = await rows(tx, Fee, 'SELECT * FROM fee WHERE id = $1 FOR UPDATE', [input.id]);
    if (!fee) throw notFound();
    if (!mayTouch(fee.ars)) throw forbidden();
    checkVersion(fee, input.expectedVersion);
    await change(tx, Fee, fee, content);
    return fee.id;
  };
  try {
    const { id } = await ctx.write(async tx => {
      await provenStaff(tx, principal, 'catalogue:publish');
      return once(tx, principal, 'saveFee', input, () => write(tx));
    });
    return getFee(ctx, id);
  } catch (error) {
    if (brokenConstraint(error) === 'fee_one_rule_per_day') throw refuse('FEE_OVERLAP');
    throw error;
  }
}

async function getFee(ctx: Context, id: string): Promise<Fee> {
  const [fee] = await ctx.read(tx => rows(tx, Fee, 'SELECT * FROM fee WHERE id = $1', [id]));
  if (!fee) throw notFound();
  return fee;
}

/** @throws Refusal VALIDATION_FAILED */
function checked(input: SaveFeeInput): StoredItem[] {
  const problems: ProblemData[] = [];
  const wrong = (path: string, de: string, en: string) =>
    problems.push({ path, code: 'VALIDATION_FAILED', text: { de, en } });
  if (input.items.length > MOST_ITEMS) wrong('/items', 'Höchstens 99 Positionen.', 'At most 99 items.');
  if (input.legalBasis.trim() === '') wrong('/legalBasis', 'Die Rechtsgrundlage fehlt.', 'The legal basis is missing.');
  if (input.validTo && input.validTo < input.validFrom)
    wrong('/validTo', 'Das Ende liegt vor dem Beginn.', 'The end is before the beginning.');
  if (input.id ? input.expectedVersion < 1 : input.expectedVersion !== 0)
    wrong('/expectedVersion', '0 für eine neue Regel, sonst die gesehene.', '0 for a new rule, else the one seen.');
  for (const [i, item] of input.items.entries()) checkItem(item, `/items/${i}`, wrong);
  if (problems.length > 0) throw refuse('VALIDATION_FAILED', { problems });
  const items = input.items.map(item => lineOf({ ...item, unitNetMinor: item.unitNet.amountMinor }));
  if (sumOf(items) > MOST_MINOR) {
    wrong('/items', 'Die Summe ist zu groß.', 'The sum is too large.');
    throw refuse('VALIDATION_FAILED', { problems });
  }
  return items;
}

function checkItem(item: FeeItemInput, path: string, wrong: (path: string, de: string, en: string) => void): void {
  const isText = (text: string, most: number) => text.trim() !== '' && text.length <= most;
  if (!isText(item.reference, 36)) wrong(`${path}/reference`, '1 bis 36 Zeichen.', '1 to 36 characters.');
  if (!isText(item.description, 250)) wrong(`${path}/description`, '1 bis 250 Zeichen.', '1 to 250 characters.');
  if (item.quantity < 1 || item.quantity > 10_000) wrong(`${path}/quantity`, '1 bis 10 000.', '1 to 10,000.');
  if (!isTaxRate(item.taxRatePercent))
    wrong(`${path}/taxRatePercent`, 'Eine Dezimalzahl wie 19 oder 7.5.', 'A decimal such as 19 or 7.5.');
  if (item.unitNet.amountMinor < 0 || item.unitNet.amountMinor > MOST_MINOR)
    wrong(`${path}/unitNet/amountMinor`, 'Ein Betrag ab 0.', 'An amount from 0.');
}
