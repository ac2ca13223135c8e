/** What a PDF may hold, by its structure and not by words in its bytes: made by hand, and by a writer of PDFs. */
import { deflateRawSync, deflateSync } from 'node:zlib';
import PDFDocument from 'pdfkit';
import { rentalContract } from '../../../dev/demo/files';
import { renderLetter } from '../letters/letter';
import { PDF } from '../testing';
import { contentFault } from './document.types';
import { pdfFault } from './pdf.structure';

const page = '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>';
/** A document with one page whose objects 1 (catalogue), 5, 6 … and trailer are given. */
function pdf(catalogue: string, more: readonly (string | Buffer)[] = [], trailer = '', content = 'BT ET'): Buffer {
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R ${catalogue} >>`,
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    page,
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    ...more,
  ];
  const parts = objects.flatMap((object, i) => [
    Buffer.from(`${i + 1} 0 obj\n`),
    Buffer.isBuffer(object) ? object : Buffer.from(object, 'latin1'),
    Buffer.from('\nendobj\n'),
  ]);
  return Buffer.concat([
    Buffer.from('%PDF-1.7\n'),
    ...parts,
    Buffer.from(`trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n0\n%%EOF\n`),
  ]);
}

/** Objects 7, 8 … packed into one stream, as most writers do. */
function packed(objects: readonly string[], given = '', pack: (bytes: Buffer) => Buffer = deflateSync): Buffer {
  let at = 0;
  const places = objects.map((object, i) => {
    const place = `${7 + i} ${at}`;
    at += object.length + 1;
    return place;
  });
  const head = `${places.join(' ')} `;
  const body = pack(Buffer.from(head + objects.join(' ')));
  return Buffer.concat([
    Buffer.from(
      `<< /Type /ObjStm /N ${objects.length} /First ${head.length} /Filter /FlateDecode ${given} /Length ${body.length} >>\nstream\n`,
    ),
    body,
    Buffer.from('\nendstream'),
  ]);
}

async function made(
  write: (doc: PDFKit.PDFDocument) => void,
  options: PDFKit.PDFDocumentOptions = {},
): Promise<Buffer> {
  const doc = new PDFDocument({ pdfVersion: '1.7', ...options });
  const chunks: Buffer[] = [];
  doc.on('data', (chunk: Buffer) => chunks.push(chunk));
  const whole = new Promise(resolve => doc.on('end', resolve));
  write(doc);
  doc.end();
  await whole;
  return Buffer.concat(chunks);
}

const JS = '/S /JavaScript /JS (app.alert\\(1\\))';

describe('a PDF is taken', () => {
  test.each<[string, () => Buffer | Promise<Buffer>]>([
    [
      'whose text, title and names of fonts say JavaScript',
      () =>
        pdf(
          '',
          ['<< /Title (/JavaScript /Launch <</S /JavaScript>>) /Font << /JS 4 0 R /AA 4 0 R /Launch 4 0 R >> >>'],
          '/Info 5 0 R',
          'BT (Schulung: /JavaScript, /JS und /Launch) Tj ET',
        ),
    ],
    ['that opens at a page', () => pdf('/OpenAction [3 0 R /Fit]')],
    ['that opens by an action at a page', () => pdf('/OpenAction 5 0 R', ['<< /S /GoTo /D [3 0 R /Fit] >>'])],
    [
      'with links',
      () =>
        pdf('', [
          '<< /Type /Annot /Subtype /Link /Border [0 0 0] /BS << /S /S /W 1 >> /A << /S /URI /URI (https://amt.example/) >> >>',
        ]),
    ],
    [
      'with objects packed together',
      () => pdf('', ['<< >>', packed(['<< /S /GoTo /D (JavaScript) >>', '[1 2 3]', '42', '/JavaScript'])]),
    ],
    [
      'with an empty list of files',
      () => pdf('/Names << /EmbeddedFiles << /Names [] >> /Dests << /Names [(JS) 3 0 R] >> >>'),
    ],
    ['with an empty list of scripts', () => pdf('/Names << /JavaScript << /Names [] >> >>')],
    [
      'with links of each harmless kind',
      () =>
        pdf(
          '/URI << /Base (https://amt.example/) >>',
          [
            'http://amt.example/?a=javascript:b',
            'HTTPS://amt.example',
            'mailto:post@amt.example',
            'tel:+49431123',
            'seite.html#a:b',
            '#2',
            'www.amt.example',
            'www.amt.example:8080/x',
            '\\376\\377\\000h\\000t\\000t\\000p\\000:',
            '',
          ].map(to => `<< /S /URI /URI (${to}) >>`),
        ),
    ],
    ['with numbers that other writers write', () => pdf('', ['<< /A [1e-7 5-3 --4 .5 4. 0.-5] /B 1.0E+5 /C 7 >>'])],
    ['of our tests', () => PDF],
    ['of the demo', () => rentalContract().bytes],
    [
      'as we write letters',
      () =>
        renderLetter({
          sender: 'a',
          recipient: 'b',
          particulars: [],
          subject: 'c',
          salutation: 'd',
          parts: [{ text: 'JavaScript' }],
          signature: [],
          remark: '',
        }),
    ],
    [
      'with fields',
      () =>
        made(doc => {
          doc.font('Helvetica');
          doc.initForm();
          doc.formText('name', 10, 10, 200, 20);
        }),
    ],
  ])('%s', async (_, make) => {
    expect(await contentFault('application/pdf', await make())).toBeNull();
  });
});

describe('a PDF with active content is refused', () => {
  test.each<[string, () => Buffer | Promise<Buffer>]>([
    ['an escaped name', () => pdf('/OpenAction << /S /J#61vaScript /J#53 (x) >>')],
    ['a script when it opens', () => pdf('/OpenAction 5 0 R', [`<< ${JS} >>`])],
    ['a script by its name', () => pdf('/Names << /JavaScript << /Names [(a) 5 0 R] >> >>', [`<< ${JS} >>`])],
    ['a script that is called by a page', () => pdf('', [`<< /Type /Page /AA << /O << ${JS} >> >> >>`])],
    ['a script behind a link', () => pdf('', [`<< /Subtype /Link /A << /S /URI /URI (a) /Next << ${JS} >> >> >>`])],
    [
      'a kind of action that stands elsewhere',
      () => pdf('/OpenAction << /S 5 0 R /JS 6 0 R >>', ['6 0 R', '/JavaScript']),
    ],
    ['a kind of action that is nowhere', () => pdf('/OpenAction << /S 99 0 R /JS 6 0 R >>')],
    ['a script in packed objects', () => pdf('/OpenAction 7 0 R', ['<< >>', packed([`<< ${JS} >>`])])],
    [
      'a script in packed objects whose measures stand elsewhere',
      () =>
        pdf('/OpenAction 7 0 R', [
          '1',
          Buffer.from(
            packed([`<< ${JS} >>`])
              .toString('latin1')
              .replace('/N 1', '/N 5 0 R'),
            'latin1',
          ),
        ]),
    ],
    [
      'a kind of action in packed objects',
      () => pdf('/OpenAction << /S 8 0 R >>', ['<< >>', packed(['1', '/Launch'])]),
    ],
    [
      'packed objects with a wrong checksum',
      () =>
        pdf('', [
          '<< >>',
          packed([`<< ${JS} >>`], '', bytes => {
            const out = deflateSync(bytes);
            out[out.length - 1]! ^= 1;
            return out;
          }),
        ]),
    ],
    ['a reference without a blank', () => pdf('', ['<< /S 6 0R /JS 7 0R >>', '/JavaScript', '(x)'])],
    ['an object that holds two', () => pdf('', ['<< /S 6 0 R /JS 7 0 R >>', '/JavaScript 7 0 R', '(x)'])],
    [
      'a kind of action whose number stands before a long remark',
      () =>
        pdf('', [`<< /S 66 0 R /JS 67 0 R >> endobj 66 %${'x'.repeat(300)}\n0 obj /JavaScript endobj 66 0 obj /GoTo`]),
    ],
    ...[
      'javascript:app.alert\\(1\\)',
      'JavaScript:x',
      ' java\\\nscript:x',
      'java\\012script:x',
      '\\152avascript:x',
      '\\376\\377\\000j\\000a\\000v\\000a\\000s\\000c\\000r\\000i\\000p\\000t\\000:',
      'file:///c:/windows/system32/calc.exe',
      'c:/windows/system32/calc.exe',
      '\\\\\\\\evil\\\\share',
      'data:text/html,x',
      'ms-msdt:/id',
    ].map((to): [string, () => Buffer] => [`a link to ${to}`, () => pdf('', [`<< /S /URI /URI (${to}) >>`])]),
    ['a link in numbers', () => pdf('', ['<< /S /URI /URI <6A6176617363726970743a78> >>'])],
    ['a link that stands elsewhere', () => pdf('', ['<< /S /URI /URI 6 0 R >>', '(javascript:x)'])],
    ['a place for all links', () => pdf('/URI << /Base (javascript:) >>', ['<< /S /URI /URI (x) >>'])],
    ['a program', () => pdf('', ['<< /Subtype /Link /A << /S /Launch /F (cmd.exe) >> >>'])],
    ['another file', () => pdf('', ['<< /Subtype /Link /A << /S /GoToR /F (\\\\\\\\evil\\\\share) /D [0] >> >>'])],
    ['a web page when it opens', () => pdf('/OpenAction << /S /URI /URI (https://evil.example) >>')],
    [
      'a web page when a page is shown',
      () => pdf('', ['<< /Type /Page /AA 6 0 R >>', '<< /O << /S /URI /URI (a) >> >>']),
    ],
    ['a form that sends itself', () => pdf('', ['<< /A << /S /SubmitForm /F (https://evil.example) >> >>'])],
    ['a film', () => pdf('', ['<< /Type /Annot /Subtype /RichMedia /RichMediaContent 6 0 R >>'])],
    ['a film by an escaped name', () => pdf('', ['<< /Subtype /R#69chMedia >>'])],
    ['a sound', () => pdf('', ['<< /Subtype /Screen >>'])],
    ['a form of another kind (XFA)', () => pdf('/AcroForm << /Fields [] /XFA [(template) 5 0 R] >>')],
    ['an attached file', () => made(doc => void doc.file(Buffer.from('MZ'), { name: 'a.exe' }))],
    ['a list of attached files', () => pdf('/Names << /EmbeddedFiles 5 0 R >>')],
    ['a file at a note', () => pdf('', ['<< /Subtype /FileAttachment /FS << /F (a.exe) /EF << /F 6 0 R >> >> >>'])],
    [
      'a script in an object that an older part of the file has replaced',
      () => Buffer.concat([pdf('', [`<< ${JS} >>`]), pdf('', ['<< >>'])]),
    ],
    [
      'a script that hides in a stream and is found by its place only',
      () => pdf('', [], '', `5 0 obj << ${JS} >> endobj`),
    ],
    ['a script behind remarks and odd blanks', () => pdf('', ['<<%)\n/S%x\r/Java#53cript\0/JS\f(x)>>'])],
    [
      'a script made by a writer',
      () =>
        made(doc => {
          doc.font('Helvetica');
          doc.initForm();
          doc.formText('a', 1, 1, 9, 9, { format: { type: 'number' } } as object);
        }),
    ],
    [
      'an archive that is a PDF as well',
      () =>
        Buffer.concat([
          pdf(''),
          Buffer.from('PK\x01\x02'),
          Buffer.from('PK\x05\x06'.padEnd(22, '\0'), 'latin1'),
          Buffer.from('%%EOF\n'),
        ]),
    ],
  ])('%s', async (_, make) => {
    expect(await contentFault('application/pdf', await make())).toBe('FILE_REJECTED');
  });
});

test('an encrypted PDF is refused as such', async () => {
  const secret = await made(doc => void doc.font('Helvetica').text('geheim'), {
    userPassword: 'x',
    ownerPassword: 'y',
  });
  expect(await contentFault('application/pdf', secret)).toBe('FILE_ENCRYPTED');
  expect(await pdfFault(pdf('', [], '/Encrypt << /Filter /Standard /V 5 >>'))).toBe('ENCRYPTED');
  expect(await pdfFault(pdf('', ['<< /Type /XRef /Root 1 0 R /En#63rypt 9 0 R >>\nstream\nendstream']))).toBe(
    'ENCRYPTED',
  );
});

describe('a PDF that nobody can check is refused', () => {
  const bomb = () => packed([`<< /A (${'x'.repeat(70 * 1024 * 1024)}) >>`]);
  test.each<[string, () => Buffer]>([
    ['cut off', () => pdf('').subarray(0, -60)],
    [
      'with something behind its end',
      () => Buffer.concat([pdf(''), Buffer.from('<html><script>alert(1)</script></html>')]),
    ],
    ['with something before its beginning', () => Buffer.concat([Buffer.from('<html>'), pdf('')])],
    ['without a catalogue', () => Buffer.from('%PDF-1.7\ntrailer << /Root 1 0 R >>\n%%EOF')],
    ['with brackets that do not close', () => pdf('', [`<< /A [ << /S /GoTo ] /B (x) >>`])],
    ['with an object that its end cuts', () => pdf('', [`<< /A endobj ${JS} >>`])],
    ['nested without end', () => pdf('', [`${'['.repeat(9_000_000)}`])],
    ['with dictionaries nested without end', () => pdf('', ['<</A'.repeat(2_000_000)])],
    ['with endless beginnings', () => pdf('', ['1 0 obj('.repeat(1_200_000)])],
    ['with packed objects that unpack without end', () => pdf('', ['<< >>', bomb()])],
    ['with many packed objects that unpack without end', () => pdf('', [bomb(), bomb()])],
    [
      'with objects packed in another way',
      () => pdf('', ['<< >>', packed(['1'], '/Filter [/ASCIIHexDecode /FlateDecode]')]),
    ],
    [
      'with objects packed in a way that has a short name',
      () => pdf('', ['<< >>', '<< /N 1 /First 4 /F /AHx >>\nstream\n37203020>\nendstream']),
    ],
    ...['', ' ', ' x'].map((between): [string, () => Buffer] => [
      `with packed objects that begin behind "${between}"`,
      () => {
        const hidden = packed([`<< ${JS} >>`]).toString('latin1');
        const shown = deflateRawSync(Buffer.from('7 0 << /A /B >>')).toString('latin1');
        return pdf('', [
          '<< >>',
          Buffer.from(
            hidden.replace('stream\n', () => `stream${between}${shown}\n`),
            'latin1',
          ),
        ]);
      },
    ]),
    ...['%1 \n7 0 ', '7 -0 ', '7 +0 ', '7 0.0 '].map((head): [string, () => Buffer] => [
      `with packed objects behind "${head.trim()}"`,
      () => pdf('', ['<< >>', `<< /N 1 /First ${head.length} >>\nstream\n${head}<< ${JS} >>\nendstream`]),
    ]),
    ...['+-4', '--4', '4.5', '-4', '4-0', '99999999', '4.0.0'].map((first): [string, () => Buffer] => [
      `with packed objects from ${first}`,
      () => pdf('', ['<< >>', `<< /N 1 /First ${first} >>\nstream\n7 0 << ${JS} >>\nendstream`]),
    ]),
    ['with objects packed by differences', () => pdf('', ['<< >>', packed(['1'], '/DecodeParms << /Predictor 12 >>')])],
    [
      'with packed objects that are broken',
      () => pdf('', ['<< >>', packed(['1'], '', () => Buffer.from('x\x9c\xff\xff'))]),
    ],
    [
      'with references that branch without end',
      () => {
        const object = (number: number, to: number) => `${number} 0 obj ${to} 0 R endobj `.repeat(500);
        return pdf('/OpenAction 10 0 R', [[10, 11, 12, 13, 14].map(number => object(number, number + 1)).join('')]);
      },
    ],
    ['with references in a circle', () => pdf('/OpenAction 5 0 R', ['6 0 R', '5 0 R'])],
  ])('%s', async (_, make) => {
    const bytes = make();
    const began = process.cpuUsage();
    let gaps = 0;
    let last = performance.now();
    const clock = setInterval(() => {
      gaps = Math.max(gaps, performance.now() - last);
      last = performance.now();
    }, 1);
    expect(await contentFault('application/pdf', bytes)).toMatch(/^FILE_(TYPE_NOT_ALLOWED|REJECTED)$/);
    clearInterval(clock);
    const { user } = process.cpuUsage(began);
    expect(user).toBeLessThan(15_000_000);
    expect(gaps).toBeLessThan(2_000);
  });
});
