/** Changing how an account is told of new messages; a new address counts once its code has come back. */
import { timingSafeEqual } from 'node:crypto';
import { now } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import { newId } from '../../../kernel/ids';
import type { Language } from '../../../kernel/language';
import type { Refusal } from '../../../kernel/refusal';
import { change, checkVersion } from '../../../kernel/version';
import { problem, refuse } from '../refusals';
import { provenHolder } from '../rights';
import { codesOf, wakeConfirmations } from './confirmation.queue';
import { ALWAYS_ANNOUNCED, EmailConfirmation, NotificationPreferences } from './notification.entity';
import type { ChangeNotificationPreferencesInput, ConfirmNotificationEmailInput } from './notification.inputs';
import { addressOfSignIn, preferencesOf } from './notification.loaders';

const ADDRESS = /^[^\s@<>(),;:"[\]\\\p{C}]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,251}[\p{L}\p{N}])?$/u;
const CODE_HOURS = 24;
const CODES_A_DAY = 5;
const WRONG_CODES = 5;

const isLanguage = (value: string): value is Language => value === 'de' || value === 'en';

/**
 * Takes over what is given; an e-mail of null removes the address.
 * @throws Refusal VALIDATION_FAILED, VERSION_CONFLICT, TOO_MANY_CODES
 */
export function changePreferences(
  ctx: Context,
  input: ChangeNotificationPreferencesInput,
): Promise<NotificationPreferences> {
  const { email, emailFor, language } = input;
  const problems = [
    ...(email != null && !ADDRESS.test(email) ? [problem('/email', 'BAD_EMAIL')] : []),
    ...(emailFor && !ALWAYS_ANNOUNCED.every(kind => emailFor.includes(kind))
      ? [problem('/emailFor', 'NOTICE_STAYS')]
      : []),
    ...(language != null && !isLanguage(language) ? [problem('/language', 'UNKNOWN_LANGUAGE')] : []),
  ];
  if (problems.length > 0) throw refuse('VALIDATION_FAILED', { problems });
  return ctx.write(async tx => {
    const { actingFor } = await provenHolder(tx, ctx.principal);
    const preferences = await lockPreferences(tx, actingFor);
    checkVersion(preferences, input.expectedVersion);
    const isLast = email === null && preferences.confirmedEmail !== null && !(await addressOfSignIn(tx, actingFor));
    if (isLast) throw refuse('VALIDATION_FAILED', { problems: [problem('/email', 'LAST_ADDRESS')] });
    const changed = await change(tx, NotificationPreferences, preferences, {
      ...(emailFor && { emailFor: [...new Set(emailFor)] }),
      ...(language && { language: language as Language }),
      ...(email !== undefined && {
        email,
        emailConfirmed: preferences.emailConfirmed && email === preferences.email,
        ...(email === null && { confirmedEmail: null }),
      }),
    });
    if (email === null)
      await tx.query(`UPDATE email_confirmation SET state = 'FAILED' WHERE account_id = $1`, [actingFor]);
    else if (email !== undefined && !changed.emailConfirmed) await askForCode(tx, changed);
    return changed;
  });
}

async function lockPreferences(tx: Tx, accountId: string): Promise<NotificationPreferences> {
  const begun = await preferencesOf(tx, accountId);
  await tx.createQueryBuilder().insert().into(NotificationPreferences).values(begun).orIgnore().execute();
  const [locked] = await rows(
    tx,
    NotificationPreferences,
    `SELECT * FROM notification_preferences WHERE id = $1 FOR UPDATE`,
    [accountId],
  );
  return locked!;
}

/** Writes the intent to send a code; an earlier code ends. */
async function askForCode(tx: Tx, { id: accountId, email, language }: NotificationPreferences): Promise<void> {
  const moment = now();
  const [before] = await rows(
    tx,
    EmailConfirmation,
    `SELECT * FROM email_confirmation WHERE account_id = $1 FOR UPDATE`,
    [accountId],
  );
  const sameDay = before !== undefined && moment.getTime() - before.askedSince.getTime() < 24 * 3_600_000;
  if (sameDay && before.asked >= CODES_A_DAY) throw refuse('TOO_MANY_CODES');
  if (before) await tx.delete(EmailConfirmation, { id: before.id });
  await tx.insert(EmailConfirmation, {
    id: newId(),
    version: 1,
    accountId,
    email: email!,
    language,
    state: 'PENDING',
    attemptCount: 0,
    dueAt: moment,
    wrongCodes: 0,
    expiresAt: new Date(moment.getTime() + CODE_HOURS * 3_600_000),
    asked: sameDay ? before.asked + 1 : 1,
    askedSince: sameDay ? before.askedSince : moment,
  });
  wakeConfirmations(tx);
}

/**
 * Confirms the address the code was sent to. Harmless to repeat.
 * @throws Refusal CODE_WRONG, CODE_EXPIRED
 */
export async function confirmEmail(
  ctx: Context,
  input: ConfirmNotificationEmailInput,
): Promise<NotificationPreferences> {
  const outcome = await ctx.write(async (tx): Promise<NotificationPreferences | Refusal> => {
    const { actingFor } = await provenHolder(tx, ctx.principal);
    const preferences = await lockPreferences(tx, actingFor);
    const [waiting] = await rows(
      tx,
      EmailConfirmation,
      `SELECT * FROM email_confirmation WHERE account_id = $1 FOR UPDATE`,
      [actingFor],
    );
    const over =
      !waiting ||
      waiting.email !== preferences.email ||
      waiting.state === 'FAILED' ||
      waiting.wrongCodes >= WRONG_CODES ||
      waiting.expiresAt <= now();
    if (over) return refuse('CODE_EXPIRED', { allowedActions: ['changeNotificationPreferences'] });
    if (!isCodeOf(waiting, input.code)) {
      await tx.update(EmailConfirmation, { id: waiting.id }, { wrongCodes: waiting.wrongCodes + 1 });
      return refuse('CODE_WRONG', { allowedActions: ['confirmNotificationEmail', 'changeNotificationPreferences'] });
    }
    if (waiting.state === 'CONFIRMED' && preferences.emailConfirmed) return preferences;
    await tx.update(EmailConfirmation, { id: waiting.id }, { state: 'CONFIRMED' });
    return change(tx, NotificationPreferences, preferences, {
      emailConfirmed: true,
      confirmedEmail: preferences.email,
    });
  });
  // only now, because a refusal thrown inside would take the count of wrong codes back
  if (outcome instanceof Error) throw outcome;
  return outcome;
}

function isCodeOf(waiting: EmailConfirmation, given: string): boolean {
  const typed = Buffer.from(given.toUpperCase().replace(/[\s-]/g, ''));
  return codesOf(waiting)
    .map(code => Buffer.from(code))
    .some(code => typed.length === code.length && timingSafeEqual(typed, code));
}
