/** FeeQuote: the fee worked out, with the sentences that say how it comes about. */
import { Directive, Field, ObjectType } from 'type-graphql';
import { euro, Money } from '../../../kernel/graph/money.type';
import { type Language, say, type Text } from '../../../kernel/language';
import { inWords } from './amount';
import type { Price } from './fee.rules';
import { lineOf, PaymentItem, type StoredItem, shownItem } from './item.type';

@Directive('@tag(name: "public")')
@ObjectType('FeeQuote', { description: 'The fee for one application, worked out (Gebührenauskunft).' })
export class FeeQuote {
  @Field(() => Money, { description: 'The sum of all items.' })
  total!: Money;

  @Field(() => [PaymentItem], { description: 'What is charged.' })
  items!: PaymentItem[];

  @Field(() => Boolean, { description: 'True when it must be paid before submission (Vorkasse).' })
  prepaymentRequired!: boolean;

  @Field(() => String, { nullable: true, description: 'The law it rests on; null when no fee is due.' })
  legalBasis!: string | null;

  @Field(() => [String], { description: 'How the sum comes about, in the language of Accept-Language.' })
  explanation!: string[];
}

const TEXTS = {
  inherited: {
    de: 'Für {place} gilt die Gebührenregel des übergeordneten Gebiets {area}, gültig ab {from}.',
    en: 'The fee rule of the area {area} above holds for {place}, valid from {from}.',
  },
  own: {
    de: 'Für {place} gilt eine eigene Gebührenregel, gültig ab {from}.',
    en: 'A fee rule of its own holds for {place}, valid from {from}.',
  },
  line: { de: '{description}: {quantity} × {unit} = {net}', en: '{description}: {quantity} × {unit} = {net}' },
  tax: { de: 'zuzüglich {rate} % Umsatzsteuer: {tax}', en: 'plus {rate} % value added tax: {tax}' },
  override: {
    de: 'Hier ist stattdessen ein örtlicher Betrag festgelegt: {total}.',
    en: 'Here a local amount is set instead: {total}.',
  },
  total: { de: 'Summe: {total}', en: 'Total: {total}' },
  free: { de: 'Es fällt keine Gebühr an.', en: 'No fee is charged.' },
  prepay: {
    de: 'Die Gebühr ist vor dem Absenden zu zahlen (Vorkasse).',
    en: 'The fee is to be paid before submission (Vorkasse).',
  },
  law: { de: 'Rechtsgrundlage: {law}', en: 'Legal basis: {law}' },
} as const satisfies Record<string, Text>;

/** The lines to charge; a local amount is one line. */
export function linesOf({ rule, overrideMinor }: Price): StoredItem[] {
  if (overrideMinor === null) return rule?.items ?? [];
  if (overrideMinor === 0) return [];
  const reference = rule?.items[0]?.reference ?? 'ORTSGEBUEHR';
  const description = rule?.items[0]?.description ?? 'Örtlich festgelegte Gebühr';
  return [lineOf({ reference, description, quantity: 1, taxRatePercent: '0', unitNetMinor: overrideMinor })];
}

/** @param ars the place it was asked for, which may lie below the rule's area */
export function quoteOf(price: Price, ars: string, language: Language): FeeQuote {
  const { rule, totalMinor } = price;
  const items = linesOf(price);
  const due = totalMinor > 0;
  const prepaymentRequired = due && rule?.prepaymentRequired === true;
  return {
    total: euro(totalMinor),
    items: items.map(shownItem),
    prepaymentRequired,
    legalBasis: due ? (rule?.legalBasis ?? null) : null,
    explanation: explain(price, items, ars, prepaymentRequired, language),
  };
}

function explain(price: Price, items: StoredItem[], ars: string, prepay: boolean, language: Language): string[] {
  const { rule, overrideMinor, totalMinor } = price;
  const lines: string[] = [];
  const add = (text: keyof typeof TEXTS, values: Record<string, string | number> = {}) =>
    lines.push(say(TEXTS[text], language, values));
  if (rule) {
    const from = language === 'de' ? rule.validFrom.split('-').reverse().join('.') : rule.validFrom;
    add(rule.ars === ars ? 'own' : 'inherited', { place: ars, area: rule.ars, from });
  }
  if (overrideMinor !== null) add('override', { total: inWords(totalMinor, language) });
  for (const item of overrideMinor === null ? items : []) {
    const [unit, net] = [inWords(item.unitNetMinor, language), inWords(item.netMinor, language)];
    add('line', { description: item.description, quantity: item.quantity, unit, net });
    const rate = language === 'de' ? item.taxRatePercent.replace('.', ',') : item.taxRatePercent;
    if (item.taxMinor > 0) add('tax', { rate, tax: inWords(item.taxMinor, language) });
  }
  if (totalMinor > 0) add('total', { total: inWords(totalMinor, language) });
  else add('free');
  if (rule && totalMinor > 0) add('law', { law: rule.legalBasis });
  if (prepay) add('prepay');
  return lines;
}
