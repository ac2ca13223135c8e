/** Free text of people: never blank, never endless. */
import { badInput } from '../../../kernel/errors';

/**
 * @param field the place in the arguments, such as `input.reason`
 * @returns the text without blanks around it
 * @throws BAD_INPUT when nothing is left of it, or more than `most` characters
 */
export function words(text: string, field: string, most = 5_000): string {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > most) throw badInput(field);
  return trimmed;
}
