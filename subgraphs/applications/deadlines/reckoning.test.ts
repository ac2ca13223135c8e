/** The legal clock: each rule by its paragraph, and what must hold for every case. */
import { addDays, dayOf } from '../../../kernel/clock';
import { Database } from '../../../kernel/database/database';
import { serviceOf } from '../../../kernel/principal';
import { createTestDatabase } from '../../../tests/setup/database';
import type { Application } from '../application/application.entity';
import { addMonths, daysBetween, type Holidays, isWorkingDay } from './calendar';
import { DeadlineKind, DeadlineState, LegalRuleRow } from './deadline.entity';
import { type LawBook, lawOf, readLaw } from './deadline.facts';
import { type CaseFacts, deadlinesOf, type Law, nextDueOn, type RequestFacts, ruleOn } from './reckoning';

/** The law as the migrations have written it down. */
let law: Law;
let book: LawBook;
let holidays: Holidays;
beforeAll(async () => {
  const database = await createTestDatabase();
  const db = await Database.connect('applications', [LegalRuleRow]);
  book = await db.tx(serviceOf('applications'), tx => readLaw(tx));
  holidays = book.holidays.get('SH')!;
  law = { rules: book.rules, holidays };
  await db.close();
  await database.drop();
});

/** Noon in Berlin, near enough. */
const at = (day: string) => new Date(`${day}T11:00:00Z`);

const facts = (given: Partial<CaseFacts> = {}): CaseFacts => ({
  applicationId: '01890000-0000-7000-8000-000000000001',
  states: [{ state: 'SUBMITTED', at: at('2026-11-02') }],
  editedAt: at('2026-11-02'),
  processingDays: 3,
  completeAt: null,
  requests: [],
  notification: null,
  extensions: [],
  ...given,
});
const find = (given: CaseFacts, kind: DeadlineKind, today: string) =>
  deadlinesOf(given, law, today).find(deadline => deadline.kind === kind);

describe('the calendar', () => {
  test('knows the ten holidays of Schleswig-Holstein, those that move with Easter too', () => {
    const of = (year: string) => [...holidays.keys()].filter(day => day.startsWith(year)).sort();
    expect(of('2027')).toEqual([
      '2027-01-01',
      '2027-03-26',
      '2027-03-29',
      '2027-05-01',
      '2027-05-06',
      '2027-05-17',
      '2027-10-03',
      '2027-10-31',
      '2027-12-25',
      '2027-12-26',
    ]);
    const easterMondays = [...holidays].filter(([, name]) => name === 'Ostermontag').map(([day]) => day);
    expect(easterMondays.sort().slice(0, 5)).toEqual([
      '2026-04-06',
      '2027-03-29',
      '2028-04-17',
      '2029-04-02',
      '2030-04-22',
    ]);
    expect(holidays.size).toBe(100);
  });

  test('§ 188 Abs. 3 BGB: a month that lacks the day ends on its last day', () => {
    expect(addMonths('2027-01-31', 1)).toBe('2027-02-28');
    expect(addMonths('2028-01-31', 1)).toBe('2028-02-29');
    expect(addMonths('2026-12-15', 1)).toBe('2027-01-15');
  });
});

describe('the legal clock', () => {
  test('§ 8a OZG: a draft is due for deletion 30 days after its last edit', () => {
    const draft = facts({ states: [{ state: 'DRAFT', at: at('2026-11-01') }], editedAt: at('2026-11-20') });
    expect(find(draft, DeadlineKind.DRAFT_DELETION, '2026-11-20')).toMatchObject({
      startsOn: '2026-11-21',
      dueOn: '2026-12-20',
      state: DeadlineState.RUNNING,
    });
    expect(deadlinesOf(draft, law, '2026-11-20')).toHaveLength(1);
  });

  test('§ 31 VwVfG: the working time starts after the documents are complete and ends on a working day', () => {
    const waiting = find(facts(), DeadlineKind.PROCESSING, '2026-11-03');
    expect(waiting).toMatchObject({ state: DeadlineState.NOT_STARTED, dueOn: null });
    // 23 December 2026 is a Wednesday; the 26th is a holiday and a Saturday, the 27th a Sunday
    const complete = facts({ completeAt: at('2026-12-23') });
    expect(find(complete, DeadlineKind.PROCESSING, '2026-12-23')).toMatchObject({
      startsOn: '2026-12-24',
      dueOn: '2026-12-28',
      state: DeadlineState.RUNNING,
      atRisk: false,
    });
    expect(find(complete, DeadlineKind.PROCESSING, '2026-12-26')).toMatchObject({ atRisk: true });
    expect(find(complete, DeadlineKind.PROCESSING, '2026-12-29')).toMatchObject({ state: DeadlineState.MISSED });
    expect(nextDueOn(deadlinesOf(complete, law, '2026-12-29'))).toBe('2026-12-28');
  });

  test('stands still while documents are missing and goes on when they have come', () => {
    const states = [
      { state: 'SUBMITTED', at: at('2026-11-02') },
      { state: 'IN_REVIEW', at: at('2026-11-03') },
      { state: 'AWAITING_DOCUMENTS', at: at('2026-11-10') },
    ];
    const paused = facts({ processingDays: 10, completeAt: at('2026-11-09'), states });
    expect(find(paused, DeadlineKind.PROCESSING, '2026-11-12')).toMatchObject({
      state: DeadlineState.PAUSED,
      pausedSince: at('2026-11-10'),
      pausedDays: 2,
      dueOn: '2026-11-23',
    });
    expect(nextDueOn(deadlinesOf(paused, law, '2026-11-12'))).toBeNull();
    const resumed = { ...paused, states: [...states, { state: 'IN_REVIEW', at: at('2026-11-15') }] };
    expect(find(resumed, DeadlineKind.PROCESSING, '2026-11-20')).toMatchObject({
      state: DeadlineState.RUNNING,
      pausedSince: null,
      pausedDays: 5,
      dueOn: '2026-11-24',
    });
  });

  test('counts a waiting time before completeness for nothing', () => {
    const states = [
      { state: 'AWAITING_DOCUMENTS', at: at('2026-11-03') },
      { state: 'IN_REVIEW', at: at('2026-11-08') },
    ];
    const complete = facts({ states: [...facts().states, ...states], completeAt: at('2026-11-09') });
    expect(find(complete, DeadlineKind.PROCESSING, '2026-11-09')).toMatchObject({ pausedDays: 0, dueOn: '2026-11-12' });
  });

  test('is moved by exactly the days it stood still, from its very first day to its last', () => {
    for (const [from, days] of [
      ['2026-11-09', 5],
      ['2026-11-10', 5],
      ['2026-11-19', 5],
      ['2026-11-10', 0],
    ] as const) {
      const states = [
        ...facts().states,
        { state: 'AWAITING_DOCUMENTS', at: new Date(at(from).getTime() + 60_000) },
        { state: 'IN_REVIEW', at: new Date(at(addDays(from, days)).getTime() + 120_000) },
      ];
      const stopped = facts({ processingDays: 10, completeAt: at('2026-11-09'), states });
      const end = find(stopped, DeadlineKind.PROCESSING, '2026-12-01')!;
      expect([from, end.pausedDays, end.dueOn]).toEqual([from, days, addDays('2026-11-19', days)]);
    }
  });

  test('stands still on the free days before its end, and on the working day that has become its last', () => {
    // complete on Monday 2 November, twelve days: Saturday 14 November, so Monday the 16th is the last one
    const stopped = (from: string, to: string) =>
      facts({
        processingDays: 12,
        completeAt: at('2026-11-02'),
        states: [
          ...facts().states,
          { state: 'AWAITING_DOCUMENTS', at: new Date(at(from).getTime() + 60_000) },
          { state: 'IN_REVIEW', at: new Date(at(to).getTime() + 120_000) },
        ],
      });
    for (const [from, to, dueOn] of [
      ['2026-11-16', '2026-11-16', '2026-11-16'],
      ['2026-11-16', '2026-11-19', '2026-11-19'],
      ['2026-11-15', '2026-11-17', '2026-11-17'],
      ['2026-11-15', '2026-11-16', '2026-11-16'],
      ['2026-11-16', '2026-11-21', '2026-11-23'], // goes on on a Saturday
    ] as const) {
      const end = find(stopped(from, to), DeadlineKind.PROCESSING, to)!;
      expect([from, to, end.dueOn, end.state]).toEqual([from, to, dueOn, DeadlineState.RUNNING]);
      expect(find(stopped(from, to), DeadlineKind.PROCESSING, addDays(dueOn, 1))?.state).toBe(DeadlineState.MISSED);
    }
  });

  test('is met by a decision in time and stays missed after a late one, and then asks for nothing more', () => {
    const decided = (day: string) =>
      facts({ completeAt: at('2026-11-09'), states: [...facts().states, { state: 'DECIDED', at: at(day) }] });
    expect(find(decided('2026-11-12'), DeadlineKind.PROCESSING, '2026-12-01')?.state).toBe(DeadlineState.MET);
    expect(find(decided('2026-11-13'), DeadlineKind.PROCESSING, '2026-12-01')?.state).toBe(DeadlineState.MISSED);
    expect(nextDueOn(deadlinesOf(decided('2026-11-13'), law, '2026-12-01'))).toBeNull();
  });

  const request: RequestFacts = {
    id: '01890000-0000-7000-8000-000000000002',
    askedAt: at('2026-02-02'),
    dueOn: '2026-11-15',
    answeredAt: null,
    canceled: false,
  };
  const asking = (given: Partial<RequestFacts>) => facts({ requests: [{ ...request, ...given }] });
  const inState = (state: string): Law => ({ rules: law.rules, holidays: book.holidays.get(state)! });
  const endIn = (state: string, given: CaseFacts, kind: DeadlineKind) =>
    deadlinesOf(given, inState(state), '2026-02-02').find(one => one.kind === kind)?.dueOn;

  test.each([
    // each day looked up in a printed calendar
    ['a Friday stays', 'SH', '2026-11-13', '2026-11-13'],
    ['a Saturday', 'SH', '2026-11-14', '2026-11-16'],
    ['a Sunday', 'SH', '2026-11-15', '2026-11-16'],
    ['Christmas Eve, a Thursday, is a working day', 'SH', '2026-12-24', '2026-12-24'],
    ['Christmas Day, a Friday, then Saturday and Sunday', 'SH', '2026-12-25', '2026-12-28'],
    ['New Year’s Eve, a Thursday, is a working day', 'SH', '2026-12-31', '2026-12-31'],
    ['New Year’s Day, a Friday', 'SH', '2027-01-01', '2027-01-04'],
    ['Good Friday, then the weekend and Easter Monday', 'SH', '2027-03-26', '2027-03-30'],
    ['1 May, a Saturday', 'SH', '2027-05-01', '2027-05-03'],
    ['Ascension Day, a Thursday', 'SH', '2027-05-06', '2027-05-07'],
    ['Whit Sunday, then Whit Monday', 'SH', '2027-05-16', '2027-05-18'],
    ['3 October, a Sunday', 'SH', '2027-10-03', '2027-10-04'],
    ['Reformation Day, a Sunday', 'SH', '2027-10-31', '2027-11-01'],
    ['the same Sunday where All Saints’ Day follows', 'NW', '2027-10-31', '2027-11-02'],
    ['Reformation Day, a Tuesday', 'SH', '2028-10-31', '2028-11-01'],
    ['the same Tuesday where it is a working day', 'BY', '2028-10-31', '2028-10-31'],
    ['All Saints’ Day, a Wednesday', 'BY', '2028-11-01', '2028-11-02'],
    ['the same Wednesday where it is a working day', 'SH', '2028-11-01', '2028-11-01'],
    ['Epiphany, a Wednesday', 'ST', '2027-01-06', '2027-01-07'],
    ['Women’s Day, a Monday', 'BE', '2027-03-08', '2027-03-09'],
    ['the same Monday elsewhere', 'HH', '2027-03-08', '2027-03-08'],
    ['Corpus Christi, a Thursday', 'HE', '2027-05-27', '2027-05-28'],
    ['Assumption Day, a Tuesday', 'SL', '2028-08-15', '2028-08-16'],
    ['Children’s Day, a Monday', 'TH', '2027-09-20', '2027-09-21'],
    ['the Day of Repentance, a Wednesday', 'SN', '2026-11-18', '2026-11-19'],
    ['the same Wednesday elsewhere', 'SH', '2026-11-18', '2026-11-18'],
  ])('§ 31 Abs. 3 VwVfG: a named day, %s (%s): %s ends on %s', (_, state, named, end) => {
    expect(endIn(state, asking({ dueOn: named }), DeadlineKind.DOCUMENT_REQUEST)).toBe(end);
    const fixed = asking({ dueOn: named, fixedDay: true });
    expect(endIn(state, fixed, DeadlineKind.DOCUMENT_REQUEST)).toBe(named);
  });

  test.each([
    ['third day Sunday 29 November, not moved; Tuesday', 'SH', 'MAILBOX', '2026-11-26', '2026-11-29', '2026-12-29'],
    ['third day Christmas Day, not moved; Monday', 'SH', 'MAILBOX', '2026-12-22', '2026-12-25', '2027-01-25'],
    ['31 January is a Sunday', 'SH', 'MAILBOX', '2026-12-28', '2026-12-31', '2027-02-01'],
    ['28 February is a Sunday', 'SH', 'MAILBOX', '2027-01-28', '2027-01-31', '2027-03-01'],
    ['by letter: 27 December is a Sunday', 'SH', 'LETTER', '2026-11-23', '2026-11-27', '2026-12-28'],
    ['Epiphany is a working day here', 'SH', 'MAILBOX', '2026-12-03', '2026-12-06', '2027-01-06'],
    ['Epiphany is a holiday here', 'BW', 'MAILBOX', '2026-12-03', '2026-12-06', '2027-01-07'],
    ['1 May is a Saturday', 'SH', 'MAILBOX', '2027-03-29', '2027-04-01', '2027-05-03'],
  ] as const)('§ 9 OZG, § 110 LVwG SH, § 70 VwGO: %s (%s)', (_, state, way, sent, notified, until) => {
    const noticed = facts({ notification: { way, at: at(sent) } });
    expect(endIn(state, noticed, DeadlineKind.DEEMED_NOTIFICATION)).toBe(notified);
    expect(endIn(state, noticed, DeadlineKind.OBJECTION)).toBe(until);
  });

  test('§ 31 Abs. 3 VwVfG: the last day ends at midnight in Berlin, also where the clocks are changed', () => {
    for (const [named, inTime, late] of [
      ['2026-11-15', '2026-11-16T22:59:59Z', '2026-11-16T23:00:00Z'],
      ['2026-10-25', '2026-10-26T22:59:59Z', '2026-10-26T23:00:00Z'], // on this Sunday summer time ends
      ['2026-03-29', '2026-03-30T21:59:59Z', '2026-03-30T22:00:00Z'], // on this Sunday it begins
      ['2027-03-28', '2027-03-30T21:59:59Z', '2027-03-30T22:00:00Z'], // the same, at Easter
    ] as const) {
      const states = [inTime, late].map(moment => {
        const answered = asking({ dueOn: named, answeredAt: new Date(moment) });
        return find(answered, DeadlineKind.DOCUMENT_REQUEST, '2027-12-01')?.state;
      });
      expect([named, ...states]).toEqual([named, DeadlineState.MET, DeadlineState.MISSED]);
      const open = (moment: string) =>
        find(asking({ dueOn: named }), DeadlineKind.DOCUMENT_REQUEST, dayOf(new Date(moment)))?.state;
      expect([named, open(inTime), open(late)]).toEqual([named, DeadlineState.RUNNING, DeadlineState.MISSED]);
    }
  });

  test('§ 31 Abs. 3 VwVfG: the steps say why the day moved, or why it did not', () => {
    const moved = find(asking({}), DeadlineKind.DOCUMENT_REQUEST, '2026-11-03')!;
    expect(moved.rule.citation).toContain('§ 31 Abs. 2 und 3 VwVfG');
    expect(moved.steps.at(-1)).toMatchObject({
      date: '2026-11-16',
      text: { de: expect.stringContaining('§ 31 Abs. 3') },
    });
    const fixed = find(asking({ fixedDay: true }), DeadlineKind.DOCUMENT_REQUEST, '2026-11-03')!;
    expect(fixed.steps.at(-1)).toMatchObject({
      date: '2026-11-15',
      text: { de: expect.stringContaining('§ 31 Abs. 3 Satz 2') },
    });
  });

  test('a request taken back in time leaves no deadline, one taken back after its end leaves the miss', () => {
    const canceled = (day: string) => asking({ canceled: true, closedAt: at(day) });
    expect(find(canceled('2026-11-16'), DeadlineKind.DOCUMENT_REQUEST, '2026-12-01')).toBeUndefined();
    expect(find(canceled('2026-11-17'), DeadlineKind.DOCUMENT_REQUEST, '2026-12-01')?.state).toBe(DeadlineState.MISSED);
    expect(nextDueOn(deadlinesOf(canceled('2026-11-17'), law, '2026-12-01'))).toBeNull();
  });

  test('a request made after the missed end of the working time stops nothing and hides nothing', () => {
    // complete on Monday 9 November, three days: Thursday 12 November is the last one
    const asked = (day: string, ...later: { state: string; at: Date }[]) =>
      facts({
        completeAt: at('2026-11-09'),
        states: [...facts().states, { state: 'AWAITING_DOCUMENTS', at: at(day) }, ...later],
      });
    expect(find(asked('2026-11-12'), DeadlineKind.PROCESSING, '2026-11-20')).toMatchObject({
      state: DeadlineState.PAUSED,
      pausedDays: 8,
    });
    const late = find(asked('2026-11-13'), DeadlineKind.PROCESSING, '2026-11-20');
    expect(late).toMatchObject({
      state: DeadlineState.MISSED,
      dueOn: '2026-11-12',
      pausedSince: null,
      pausedDays: 0,
    });
    expect(late!.steps.some(({ text }) => text.en.includes('stops nothing'))).toBe(true);
    expect(nextDueOn(deadlinesOf(asked('2026-11-13'), law, '2026-11-20'))).toBe('2026-11-12');
    const decided = asked(
      '2026-11-13',
      { state: 'IN_REVIEW', at: at('2026-11-18') },
      { state: 'DECIDED', at: at('2026-11-19') },
    );
    expect(find(decided, DeadlineKind.PROCESSING, '2026-11-20')).toMatchObject({
      state: DeadlineState.MISSED,
      dueOn: '2026-11-12',
    });
    // a first stop in time counts, and moves the end that a second one must keep
    const twice = asked(
      '2026-11-11',
      { state: 'IN_REVIEW', at: at('2026-11-16') },
      { state: 'AWAITING_DOCUMENTS', at: at('2026-11-18') },
    );
    expect(find(twice, DeadlineKind.PROCESSING, '2026-11-20')).toMatchObject({
      state: DeadlineState.MISSED,
      pausedDays: 5,
      dueOn: '2026-11-17',
    });
  });

  test('the holidays are those of the authority in charge, else of the place', () => {
    const holidaysAt = (ars: string, authorityArs: string | null) =>
      lawOf(book, { ars, authorityArs } as Application).holidays;
    expect(holidaysAt('010620009009', null)).toBe(book.holidays.get('SH'));
    expect(holidaysAt('010620009009', '02')).toBe(book.holidays.get('HH'));
    expect(holidaysAt('010620009009', '00')).toBe(book.holidays.get('SH')); // an authority of the federation
  });

  test('§ 9 OZG: a notice in the mailbox counts as notified on the third day, a Sunday included', () => {
    const notified = facts({ notification: { way: 'MAILBOX', at: at('2026-11-26') } });
    const deadline = find(notified, DeadlineKind.DEEMED_NOTIFICATION, '2026-11-26');
    expect(deadline).toMatchObject({ dueOn: '2026-11-29', state: DeadlineState.RUNNING });
    expect(deadline?.rule.citation).toContain('§ 9');
    expect(find(notified, DeadlineKind.DEEMED_NOTIFICATION, '2026-11-29')?.state).toBe(DeadlineState.MET);
  });

  test('§ 9 OZG: a notice shortly before midnight in Berlin belongs to that day, not to the next one in UTC', () => {
    const late = facts({ notification: { way: 'MAILBOX', at: new Date('2026-11-26T22:59:00Z') } });
    const later = facts({ notification: { way: 'MAILBOX', at: new Date('2026-11-26T23:01:00Z') } });
    expect(find(late, DeadlineKind.DEEMED_NOTIFICATION, '2026-11-26')?.dueOn).toBe('2026-11-29');
    expect(find(later, DeadlineKind.DEEMED_NOTIFICATION, '2026-11-26')?.dueOn).toBe('2026-11-30');
  });

  test('§ 110 LVwG SH: a letter counts as notified on the fourth day', () => {
    const sent = facts({ notification: { way: 'LETTER', at: at('2026-11-23') } });
    const deadline = find(sent, DeadlineKind.DEEMED_NOTIFICATION, '2026-11-23');
    expect(deadline).toMatchObject({ dueOn: '2026-11-27' });
    expect(deadline?.rule.citation).toContain('§ 110 Abs. 2 LVwG');
  });

  test('§ 9 OZG in its present form is no rule for a day before 24 July 2024', () => {
    expect(ruleOn(law.rules, DeadlineKind.DEEMED_NOTIFICATION, '2024-07-23', 'MAILBOX')).toBeNull();
    expect(ruleOn(law.rules, DeadlineKind.DEEMED_NOTIFICATION, '2024-07-24', 'MAILBOX')).not.toBeNull();
  });

  test('§ 70 VwGO: an objection is possible for one month, to the next working day where it ends on a holiday', () => {
    // available on 28 January 2027, notified on the 31st, so the month ends on Sunday 28 February
    const notified = facts({ notification: { way: 'MAILBOX', at: at('2027-01-28') } });
    expect(find(notified, DeadlineKind.OBJECTION, '2027-02-10')).toMatchObject({
      startsOn: '2027-02-01',
      dueOn: '2027-03-01',
      state: DeadlineState.RUNNING,
    });
    expect(find(notified, DeadlineKind.OBJECTION, '2027-01-31')?.state).toBe(DeadlineState.NOT_STARTED);
    // Good Friday 26 March 2027, then the weekend and Easter Monday
    const easter = facts({ notification: { way: 'MAILBOX', at: at('2027-02-23') } });
    const deadline = find(easter, DeadlineKind.OBJECTION, '2027-03-01');
    expect(deadline?.dueOn).toBe('2027-03-30');
    expect(deadline?.steps.at(-1)?.text.de).toContain('Karfreitag');
  });

  test('§ 6 LArchG SH: a closed case is kept until the end of the tenth year', () => {
    const closed = facts({ states: [...facts().states, { state: 'CLOSED', at: at('2026-12-01') }] });
    expect(find(closed, DeadlineKind.RETENTION, '2026-12-01')).toMatchObject({ dueOn: '2036-12-31' });
  });
});

describe('whatever happens', () => {
  // a small generator of our own, so that a failing case can be named by its seed
  const random = (seed: number) => {
    let state = seed;
    return (below: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return state % below;
    };
  };
  const START = '2026-11-02';
  const made = (seed: number, stops: number): CaseFacts => {
    const pick = random(seed);
    const completeAfter = pick(20);
    const states = [{ state: 'SUBMITTED', at: at(START) }];
    let day = addDays(START, 1);
    for (let i = 0; i < stops; i++) {
      day = addDays(day, pick(15));
      states.push({ state: 'AWAITING_DOCUMENTS', at: at(day) });
      day = addDays(day, pick(12));
      states.push({ state: 'IN_REVIEW', at: new Date(at(day).getTime() + 60_000) });
    }
    return facts({ states, processingDays: 1 + pick(60), completeAt: at(addDays(START, completeAfter)) });
  };

  test('the same facts give the same deadlines', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const one = deadlinesOf(made(seed, seed % 4), law, '2027-02-01');
      expect(deadlinesOf(made(seed, seed % 4), law, '2027-02-01')).toEqual(one);
    }
  });

  test('a further stop never makes a deadline end earlier, and every stopped day is made up for', () => {
    let moved = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const stopped = made(seed, 1 + (seed % 4));
      for (let kept = 0; kept < stopped.states.length; kept += 2) {
        const fewer = { ...stopped, states: stopped.states.slice(0, stopped.states.length - kept) };
        const [long, short] = [stopped, fewer].map(one => find(one, DeadlineKind.PROCESSING, '2027-06-01')!);
        expect({ seed, later: long!.dueOn! >= short!.dueOn! }).toEqual({ seed, later: true });
        if (long!.dueOn! > short!.dueOn!) moved += 1;
      }
    }
    expect(moved).toBeGreaterThan(100);
  });

  test('a deadline ends on a working day and never before its days are over', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const one = made(seed, seed % 4);
      const deadline = find(one, DeadlineKind.PROCESSING, '2027-06-01')!;
      expect(isWorkingDay(deadline.dueOn!, holidays)).toBe(true);
      expect(daysBetween(deadline.startsOn!, deadline.dueOn!) + 1).toBeGreaterThanOrEqual(one.processingDays!);
    }
  });
});
