/** Texts in German and, where it exists, in English. */
import { Directive, Field, InputType, ObjectType } from 'type-graphql';
import type { Language } from '../../kernel/language';

@Directive('@tag(name: "public")')
@ObjectType('LocalizedText', { description: 'A text in German and, where it exists, in English.' })
export class LocalizedText {
  @Field(() => String, { description: 'German.' })
  de!: string;

  @Field(() => String, { nullable: true, description: 'English.' })
  en!: string | null;
}

@InputType('LocalizedTextInput', { description: 'A text in German and English, as input.' })
export class LocalizedTextInput {
  @Field(() => String, { description: 'German.' })
  de!: string;

  @Field(() => String, { nullable: true, description: 'English.' })
  en?: string | null | undefined;
}

/** The text in the asker's language, German where there is no other. */
export const spoken = (text: { de: string; en?: string | null }, language: Language): string =>
  (language === 'en' && text.en) || text.de;
