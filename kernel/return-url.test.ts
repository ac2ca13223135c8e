/** Where a browser may be sent back to. */
import { isReturnUrl } from './config';

const LIST = 'http://localhost:5173, https://portal.example/back,https://portal.example:8443';
beforeEach(() => {
  process.env.RETURN_URLS = LIST;
});
afterEach(() => {
  delete process.env.RETURN_URLS;
});

test.each([
  'http://localhost:5173',
  'http://localhost:5173/',
  'http://localhost:5173/deep/link?case=1#top',
  'https://portal.example/back',
  'https://portal.example:8443/x',
])('%s is registered', address => expect(isReturnUrl(address)).toBe(true));

test.each([
  'http://localhost:51733/',
  'http://localhost:3000/',
  'https://localhost:5173/',
  'http://localhost:5173@evil.example/',
  'http://user@localhost:5173/',
  'http://:secret@localhost:5173/',
  'http://localhost:5173.evil.example/',
  'https://portal.example/back/more',
  'https://portal.example/back?x=1',
  'https://portal.example/',
  'https://portal.example:8443.evil.example/',
  'http://localhost:5173/\r\nset-cookie: x',
  'http://localhost:5173/ x',
  '//localhost:5173/',
  '/back',
  'javascript:alert(1)//http://localhost:5173',
  'null',
  '',
])('%j is not', address => expect(isReturnUrl(address)).toBe(false));
