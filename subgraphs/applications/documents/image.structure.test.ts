/** Images are whole and nothing but images: each is cut everywhere, gets something behind its end, and keeps what cameras add. */
import { crc32, deflateSync } from 'node:zlib';
import { idCardPhoto } from '../../../dev/demo/files';
import { type AllowedType, contentFault } from './document.types';

const uint32 = (value: number) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value].map(byte => byte & 255));

function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name), data]);
  return Buffer.concat([uint32(data.length), named, uint32(crc32(named))]);
}

function png(width = 1, height = 1): Buffer {
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    chunk('IHDR', Buffer.concat([uint32(width), uint32(height), Buffer.from([8, 0, 0, 0, 0])])),
    chunk('tEXt', Buffer.from('Comment\0<script>alert(1)</script>')),
    chunk('IDAT', deflateSync(Buffer.from([0, 128]))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A page of one grey pixel; the folder stands at the end. */
function tiff(given: { next?: number; strip?: number; many?: number } = {}): Buffer {
  const entry = (tag: number, value: number, type = 4, many = 1) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16LE(tag, 0);
    bytes.writeUInt16LE(type, 2);
    bytes.writeUInt32LE(many, 4);
    bytes.writeUInt32LE(value, 8);
    return bytes;
  };
  const entries = [
    entry(256, 1),
    entry(257, 1),
    entry(258, 8),
    entry(262, 1),
    entry(273, given.strip ?? 8, 4, given.many ?? 1),
    entry(278, 1),
    entry(279, 1),
  ];
  const next = Buffer.alloc(4);
  next.writeUInt32LE(given.next ?? 0);
  const pixel = Buffer.from([128, 0]);
  const head = Buffer.from([0x49, 0x49, 42, 0, 10, 0, 0, 0]);
  return Buffer.concat([head, pixel, Buffer.from([entries.length, 0]), ...entries, next]);
}

const jpeg = idCardPhoto().bytes;
const whole: readonly [AllowedType, Buffer][] = [
  ['image/png', png()],
  ['image/jpeg', jpeg],
  ['image/tiff', tiff()],
];

describe.each(whole)('%s', (type, bytes) => {
  test('is taken as it is, and never when it is cut, wherever that is', async () => {
    expect(await contentFault(type, bytes)).toBeNull();
    for (let length = 1; length < bytes.length; length++) {
      expect([length, await contentFault(type, bytes.subarray(0, length))]).toEqual([length, 'FILE_TYPE_NOT_ALLOWED']);
    }
  });

  test.each([
    ['a page', Buffer.from('<html><script>alert(1)</script></html>')],
    ['one byte', Buffer.from([1])],
    ['an archive', Buffer.from('PK\x01\x02PK\x05\x06'.padEnd(30, '\0'), 'latin1')],
  ])('is not taken with %s behind it', async (_, behind) => {
    expect(await contentFault(type, Buffer.concat([bytes, behind]))).toMatch(/^FILE_(TYPE_NOT_ALLOWED|REJECTED)$/);
  });

  test('is taken as no other type', async () => {
    for (const [other] of whole) {
      if (other !== type) expect(await contentFault(other, bytes)).toBe('FILE_TYPE_NOT_ALLOWED');
    }
    expect(await contentFault('application/pdf', bytes)).toBe('FILE_TYPE_NOT_ALLOWED');
  });
});

test('a JPEG keeps what telephones add: another picture, zeros, a list of blocks', async () => {
  const block = Buffer.from('\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1700000000000', 'latin1');
  const le = (value: number) => Buffer.from([value, value >> 8, value >> 16, value >> 24].map(byte => byte & 255));
  const list = Buffer.concat([
    Buffer.from('SEFH'),
    le(107),
    le(1),
    Buffer.from([0, 0, 1, 10]),
    le(block.length),
    le(block.length),
  ]);
  const blocks = Buffer.concat([block, list, le(list.length), Buffer.from('SEFT')]);
  for (const behind of [jpeg, Buffer.concat([jpeg, jpeg]), Buffer.alloc(100), blocks]) {
    expect(await contentFault('image/jpeg', Buffer.concat([jpeg, behind]))).toBeNull();
  }
  const hidden = Buffer.concat([Buffer.from('<html>'), blocks]);
  expect(await contentFault('image/jpeg', Buffer.concat([jpeg, hidden]))).toBe('FILE_TYPE_NOT_ALLOWED');
});

test('an image that no viewer can hold is refused', async () => {
  expect(await contentFault('image/png', png(65_535, 65_535))).toBe('FILE_TYPE_NOT_ALLOWED');
  expect(await contentFault('image/png', png(0, 1))).toBe('FILE_TYPE_NOT_ALLOWED');
  const huge = Buffer.from(jpeg);
  const frame = huge.indexOf(Buffer.from([0xff, 0xc0]));
  huge.writeUInt32BE(0xffffffff, frame + 5);
  expect(await contentFault('image/jpeg', huge)).toBe('FILE_TYPE_NOT_ALLOWED');
});

test('a PNG whose parts were changed is refused', async () => {
  const changed = png();
  changed[50]! ^= 1;
  expect(await contentFault('image/png', changed)).toBe('FILE_TYPE_NOT_ALLOWED');
});

test('a TIFF that leads around in circles, or beyond its end, is refused', async () => {
  for (const given of [{ next: 10 }, { next: 4_000_000_000 }, { strip: 100_000 }, { many: 4_000_000_000 }]) {
    expect(await contentFault('image/tiff', tiff(given))).toBe('FILE_TYPE_NOT_ALLOWED');
  }
});
