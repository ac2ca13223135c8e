/** The language of an answer: German unless English is preferred. */

export type Language = 'de' | 'en';

/** A text in both languages. */
export interface Text {
  readonly de: string;
  readonly en: string;
}

/** @param header the value of Accept-Language */
export function languageOf(header: string | undefined): Language {
  if (header === undefined) return 'de';
  const wanted = header
    .split(',')
    .map(part => {
      const [tag = '', ...params] = part.trim().split(';');
      const q = params.map(param => param.trim()).find(param => param.startsWith('q='));
      return { tag: tag.toLowerCase().slice(0, 2), q: q ? Number(q.slice(2)) || 0 : 1 };
    })
    .filter(({ tag }) => tag === 'de' || tag === 'en')
    .sort((a, b) => b.q - a.q)[0];
  return wanted?.tag === 'en' ? 'en' : 'de';
}

/** Fills `{name}` places of a text. */
export function say(text: Text, language: Language, values: Record<string, string | number> = {}): string {
  return text[language].replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** @param day `YYYY-MM-DD` */
export function dayInWords(day: string, language: Language): string {
  return new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(`${day}T00:00:00Z`),
  );
}
