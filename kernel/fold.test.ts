/** The one folding: what it makes one, what it leaves apart, and that TypeScript and SQL agree on every letter of a name. */
import pg from 'pg';
import { createTestDatabase } from '../tests/setup/database';
import { fold, foldFunction } from './fold';

/** All letters and sequences of DIN 91379: Latin, Greek, Cyrillic, and what stands between letters of names. */
const LATIN = `
  A B C D E F G H I J K L M N O P Q R S T U V W X Y Z À Á Â Ã Ä Å Æ Ç È É Ê Ë Ì Í Î Ï Ð Ñ Ò Ó Ô Õ Ö Ø Ù Ú Û Ü Ý Þ ß ÿ
  Ā Ă Ą Ć Ĉ Ċ Č Ď Đ Ē Ĕ Ė Ę Ě Ĝ Ğ Ġ Ģ Ĥ Ħ Ĩ Ī Ĭ Į İ ı Ĳ Ĵ Ķ ĸ Ĺ Ļ Ľ Ŀ Ł Ń Ņ Ň ŉ Ŋ Ō Ŏ Ő Œ Ŕ Ŗ Ř Ś Ŝ Ş Š Ţ Ť Ŧ Ũ Ū Ŭ Ů Ű Ų Ŵ Ŷ
  Ÿ Ź Ż Ž Ƈ Ə Ɨ Ơ Ư Ʒ Ǎ Ǐ Ǒ Ǔ Ǖ Ǘ Ǚ Ǜ Ǟ Ǣ Ǥ Ǧ Ǩ Ǫ Ǭ Ǯ ǰ Ǵ Ǹ Ǻ Ǽ Ǿ Ȓ Ș Ț Ȟ ȧ Ȩ Ȫ Ȭ Ȯ Ȱ Ȳ ə ɨ ʒ Ḃ Ḇ Ḋ Ḍ Ḏ Ḑ ḗ Ḝ Ḟ Ḡ Ḣ Ḥ Ḧ Ḩ Ḫ
  ḯ Ḱ Ḳ Ḵ Ḷ Ḻ Ṁ Ṃ Ṅ Ṇ Ṉ Ṓ Ṕ Ṗ Ṙ Ṛ Ṟ Ṡ Ṣ Ṫ Ṭ Ṯ Ẁ Ẃ Ẅ Ẇ Ẍ Ẏ Ẑ Ẓ Ẕ ẖ ẗ ẞ Ạ Ả Ấ Ầ Ẩ Ẫ Ậ Ắ Ằ Ẳ Ẵ Ặ Ẹ Ẻ Ẽ Ế Ề Ể Ễ Ệ Ỉ Ị Ọ Ỏ Ố Ồ Ổ Ỗ Ộ Ớ
  Ờ Ở Ỡ Ợ Ụ Ủ Ứ Ừ Ử Ữ Ự Ỳ Ỵ Ỷ Ỹ A̋ C̀ C̄ C̆ C̈ C̕ C̣ C̦ C̨̆ D̂ F̀ F̄ G̀ H̄ H̦ H̱ J́ J̌ K̀ K̂ K̄ K̇ K̕ K̛ K̦ K͟H K͟h L̂ L̥ L̥̄ L̦ M̀ M̂ M̆ M̐ N̂
  N̄ N̆ N̦ P̀ P̄ P̕ P̣ R̆ R̥ R̥̄ S̀ S̄ S̛̄ S̱ T̀ T̄ T̈ T̕ T̛ U̇ Z̀ Z̄ Z̆ Z̈ Z̧ Ç̆ Û̄ ÿ́ Č̕ Č̣ ē̍ Ī́ ō̍ Ž̦ Ž̧ Ḳ̄ Ṣ̄ Ṭ̄ Ạ̈ Ọ̈ Ụ̄ Ụ̈`
  .trim()
  .split(/\s+/);
const GREEK = [...'ΆΈΉΊΌΎΏΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫάέήίΰαβγδεζηθικλμνξοπρςστυφχψωϊϋόύώ'];
const CYRILLIC = [...'ЍАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЬЮЯабвгдежзийклмнопрстуфхцчшщъьюяѝ'];
const BETWEEN = [
  ...` ',-.\`~¨´·ʹʺʾʿˈˌ’‡!"#$%&()*+/0123456789:;<=>?@[\\]^_{|}¡¢£¥§©ª«¬®¯°±²³µ¶¹º»¿×÷€¤¦¸¼½¾ƒʰʳˆ˜ˢᵈᵗ‘‚“”„†…‰′″‹›⁰ⁿ₀™∞≤≥\t\n`,
];
/** Which way letters run, how they look, where a line ends: comes along with what is pasted. */
const PASTED = [
  ...'\u0085\u061c\u1680\u180e\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2061\u2064\u2066\u2069\ufe00\ufe0f',
];
const LETTERS = [...PASTED, ...LATIN, ...LATIN.map(letter => letter.toLowerCase()), ...GREEK, ...CYRILLIC, ...BETWEEN];

describe('folding', () => {
  test.each([
    ['Müller', 'Mueller', 'MULLER', 'Mu\u0308ller', 'Mül\u00adler'],
    ['Groß', 'Gross', 'GROẞ', 'GROSS'],
    ['Karl-Heinz', 'Karl Heinz', ' karl‑heinz ', 'KARL–HEINZ'],
    ['O’Neill', "O'Neill", 'O´Neill', 'ONeill'],
    ['Özdemir', 'Oezdemir', 'Ozdemir'],
    ['Søren Ångström', 'Soeren Aangstroem', 'SOREN ANGSTROM'],
    ['Łukasz Đorđe Þór', 'Lukasz Dorde Thor'],
    ['Bauer', 'BAUER'],
    ['Σίσυφος', 'ΣΙΣΥΦΟΣ'],
    ['Андрей', 'АНДРЕЙ'],
    ['Häuser', 'Haeuser', 'HÄUSER'],
    ['\u202aMüller\u202c', 'Mül\u2066ler', 'Mueller\ufe0f'],
    ['Karl\u2028Heinz', 'Karl Heinz'],
    ['ﬁscher', 'Fischer', 'Ｆｉｓｃｈｅｒ'],
  ])('makes one of “%s” and its other spellings', (...spellings) => {
    expect(new Set(spellings.map(fold)).size).toBe(1);
  });

  test.each([
    ['Bauer', 'Baur'],
    ['Neuer', 'Neur'],
    ['Quelle', 'Qulle'],
    ['Meyer', 'Maier'],
    ['Karl', 'Karla'],
    ['1-2', '12'],
  ])('leaves “%s” and “%s” apart', (one, other) => {
    expect(fold(one)).not.toBe(fold(other));
  });

  test('leaves nothing of a Latin letter but basic letters', () => {
    expect(LATIN.filter(letter => !/^[a-z]{1,2}$/.test(fold(letter)))).toEqual([]);
    expect(LATIN.filter(letter => fold(letter) !== fold(letter.toLowerCase()))).toEqual([]);
  });

  test('is the same in SQL for all letters of DIN 91379, composed or not, alone and between others', async () => {
    const database = await createTestDatabase();
    const owner = new pg.Client({ connectionString: database.url });
    await owner.connect();
    await owner.query(foldFunction('public'));
    const texts = LETTERS.flatMap(letter =>
      [letter, `u${letter}e`, `${letter}ue`, `A${letter}${letter}E`].flatMap(text => [
        text,
        text.normalize('NFD'),
        text.normalize('NFC'),
      ]),
    ).concat('ueue', 'aaeoue', '\ufeff Bär\u200b ', 'x\u0085y', '💶 €');
    const { rows } = await owner.query('SELECT text, public.fold(text) AS folded FROM unnest($1::text[]) AS text', [
      texts,
    ]);
    const others = rows.filter(({ text, folded }) => folded !== fold(text));
    await owner.end();
    await database.drop();
    expect(rows).toHaveLength(texts.length);
    expect(others).toEqual([]);
  });
});
