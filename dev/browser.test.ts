/** The small browser of the demo and the tests. */
import { Browser, signIn } from './browser';
import { html, type Listening, listen, seeOther, web } from './http';

let here: Listening;
let other: Listening;
let asked: string[] = [];

beforeAll(async () => {
  other = await listen('another port', web(answer), { port: 0 });
  here = await listen('the site', web(answer), { port: 0 });
});
afterAll(() => Promise.all([here.stop(), other.stop()]));
beforeEach(() => {
  asked = [];
});

async function answer(request: Request, url: URL): Promise<Response> {
  asked.push(`${request.method} ${url.pathname} ${request.headers.get('cookie') ?? ''}`.trim());
  switch (url.pathname) {
    case '/set':
      return new Response(null, {
        status: 302,
        headers: { location: `${other.url}/show`, 'set-cookie': 'session=abc; Path=/; HttpOnly; SameSite=Lax' },
      });
    case '/away':
      return seeOther('https://portal.example/back?code=1');
    case '/loop':
      return seeOther('/loop');
    case '/form':
      return html(
        '<form method="post" action="/take"><input name="kept" value="a&amp;b"><button name="which" value="1">x</button></form>',
      );
    case '/take':
      return html(await request.text());
    default:
      return html('a page');
  }
}

describe('the browser', () => {
  it('keeps cookies for the host, whatever the port, and follows redirects', async () => {
    const browser = new Browser();
    const page = await browser.open(`${here.url}/set`);
    expect(page).toMatchObject({ url: `${other.url}/show`, status: 200, html: 'a page' });
    expect(asked).toEqual(['GET /set', 'GET /show session=abc']);
    expect(await browser.cookie('session', 'http://localhost:4000/graphql')).toBe('abc');
    expect(await browser.cookie('session', 'http://portal.example/')).toBeUndefined();
  });

  it('stops before it would ask another machine, and before the address to stop at', async () => {
    const browser = new Browser();
    expect(await browser.open(`${here.url}/away`)).toMatchObject({
      url: 'https://portal.example/back?code=1',
      status: null,
    });
    const page = await browser.open(`${here.url}/set`, { until: `${other.url}/show?anything` });
    expect(page).toMatchObject({ url: `${other.url}/show`, status: null });
    expect(asked).toEqual(['GET /away', 'GET /set']);
  });

  it('sends forms with what stands in them and what is changed', async () => {
    const browser = new Browser();
    const page = await browser.open(`${here.url}/form`);
    expect(page.forms).toEqual([{ action: `${here.url}/take`, method: 'post', fields: { kept: 'a&b', which: '1' } }]);
    expect((await browser.submit(page.forms[0]!, { which: '2' })).html).toBe('kept=a%26b&which=2');
  });

  it('gives up on redirects without an end, and on a sign-in without a sign-in page', async () => {
    await expect(new Browser().open(`${here.url}/loop`)).rejects.toThrow('More than 20 redirects');
    await expect(signIn(new Browser(), `${here.url}/show`, 'klara')).rejects.toThrow('No sign-in page but status 200');
  });
});
