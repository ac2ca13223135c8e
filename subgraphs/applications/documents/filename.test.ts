/** The name under which a file goes on: its extension is that of its type, and nothing in it plays a trick. */
import { fittingName, isGoodFilename } from './filename';

test.each([
  // as it was given
  ['mietvertrag.pdf', 'application/pdf', 'mietvertrag.pdf'],
  ['Führungszeugnis (neu) v1.2.pdf', 'application/pdf', 'Führungszeugnis (neu) v1.2.pdf'],
  ['Foto.JPG', 'image/jpeg', 'Foto.JPG'],
  ['foto.jpeg', 'image/jpeg', 'foto.jpeg'],
  ['scan.tif', 'image/tiff', 'scan.tif'],
  ['21.11.2026 Dr. Muster.pdf', 'application/pdf', '21.11.2026 Dr. Muster.pdf'],
  // another extension, or none
  ['ausweis.html', 'image/jpeg', 'ausweis_html.jpg'],
  ['foto.exe', 'image/png', 'foto_exe.png'],
  ['foto.jpg', 'image/png', 'foto_jpg.png'],
  ['IMG_001', 'image/jpeg', 'IMG_001.jpg'],
  ['Antrag Nr. 5', 'application/pdf', 'Antrag Nr. 5.pdf'],
  ['setup.appref-ms', 'image/png', 'setup_appref-ms.png'],
  ['archiv.7z', 'application/pdf', 'archiv_7z.pdf'],
  // several
  ['rechnung.pdf.exe', 'application/pdf', 'rechnung_pdf_exe.pdf'],
  ['bild.exe.png', 'image/png', 'bild_exe.png'],
  ['bild.svg .png', 'image/png', 'bild_svg .png'],
  ['bild. js.png', 'image/png', 'bild. js.png'],
  ['rechnung.pdf                    .exe', 'application/pdf', 'rechnung_pdf                    _exe.pdf'],
  // decomposed, as macOS sends it
  ['U\u0308bersicht.pdf', 'application/pdf', 'Übersicht.pdf'],
])('%s as %s is %s', (given, type, name) => {
  expect(isGoodFilename(given)).toBe(true);
  expect(fittingName(given, type)).toBe(name);
  expect(fittingName(name, type)).toBe(name);
  expect(isGoodFilename(name)).toBe(true);
});

test('a name that grows too long loses whole letters at its end, and never its extension', () => {
  const name = fittingName('👩🏽'.repeat(31), 'application/pdf');
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
  expect(name).toBe(`${'👩🏽'.repeat(31)}.pdf`);
  expect(fittingName('é'.repeat(127), 'application/pdf')).toBe(`${'é'.repeat(125)}.pdf`);
  expect(fittingName(`${'a'.repeat(251)}.exe`, 'image/tiff')).toBe(`${'a'.repeat(251)}.tif`);
});

test.each([
  ['a device of Windows', 'CON'],
  ['a device with an extension', 'aux.pdf'],
  ['a device with a blank', 'nul .pdf'],
  ['a device with a raised number', 'COM¹.pdf'],
  ['a name that turns the direction of reading', 'a\u202Efdp.exe'],
  ['another that does', 'a\u2067b.pdf'],
  ['invisible letters', '\u3164.pdf'],
  ['a soft hyphen', 'a\u00ADb.pdf'],
  ['a tab', 'a\tb.pdf'],
  ['a line end', 'a\r\nb.pdf'],
  ['half a letter', 'a\uD800.pdf'],
  ['a letter for private use', 'a\uE000.pdf'],
  ['a hidden file', '.htaccess'],
  ['a dot at the end, which Windows drops', 'a.exe.'],
  ['a blank at the end', 'a.pdf '],
  ['a stream of another file', 'a.pdf:b.exe'],
  ['nothing', ''],
])('%s is refused', (_, name) => {
  expect(isGoodFilename(name)).toBe(false);
});
