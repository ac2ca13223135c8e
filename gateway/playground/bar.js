/** The bar above GraphiQL, in development: who is signed in, and a menu to sign in as somebody else. */
const bar = document.getElementById('bar');
const TABS = 'graphiql:tabState';

async function ask(query, variables, credentials = 'same-origin') {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'accept-language': 'en' },
    credentials,
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

const problem = element('span', { className: 'problem', role: 'alert' });

async function forgetSession() {
  await fetch('/playground/sign-out', { method: 'POST', headers: { 'x-playground': 'true' } });
}

async function signIn({ subject, population, level = 'SUBSTANTIAL' }) {
  problem.textContent = '';
  const input = {
    returnUrl: bar.dataset.returnUrl,
    ...(population === 'staff'
      ? { method: 'STAFF_SIGN_ON' }
      : { accountKind: population === 'organisation' ? 'ORGANISATION' : 'PERSON', minimumTrustLevel: level }),
  };
  await forgetSession();
  const { data, errors } = await ask(
    'mutation SignIn($input: StartSignInInput!) { startSignIn(input: $input) { signIn { url } refusal { message } } }',
    { input },
    'omit',
  );
  const url = data?.startSignIn?.signIn?.url;
  if (url) {
    const target = new URL(url);
    target.searchParams.set('login_hint', subject);
    location.assign(target);
  } else {
    problem.textContent = data?.startSignIn?.refusal?.message ?? errors?.[0]?.message ?? 'Sign-in is not available.';
  }
}

async function signOut() {
  await ask('mutation SignOut { endSession(input: {}) { refusal { message } } }');
  await forgetSession();
  location.assign(bar.dataset.returnUrl);
}

async function whoIsSignedIn() {
  const { data } = await ask(
    'query WhoAmI { session { account { displayName } staffMember { displayName roles } trustLevel scopes } }',
  );
  const session = data?.session;
  if (!session) return null;
  const { account, staffMember, trustLevel, scopes } = session;
  return staffMember
    ? `${staffMember.displayName} (${staffMember.roles.join(', ')}; ${scopes.join(', ')})`
    : `${account?.displayName ?? 'somebody'} (${trustLevel})`;
}

async function show() {
  const personas = await (await fetch('/playground/personas')).json();
  const who = await whoIsSignedIn().catch(() => null);
  const menu = element(
    'select',
    { id: 'sign-in-as', required: true },
    element('option', { value: '' }, 'choose a person …'),
  );
  for (const { subject, name, about } of personas)
    menu.append(element('option', { value: subject }, `${name}: ${about}`));
  // a button of its own: with the keyboard, a menu that acts on change would act on the first person passed over
  const form = element(
    'form',
    {},
    element('label', { htmlFor: 'sign-in-as' }, 'Sign in as'),
    menu,
    element('button', { id: 'sign-in' }, 'Sign in'),
  );
  form.addEventListener('submit', event => {
    event.preventDefault();
    const chosen = personas.find(({ subject }) => subject === menu.value);
    if (chosen) void signIn(chosen);
  });
  const reset = element('button', { title: 'Throws away what was changed in the tabs' }, 'Reset tabs');
  reset.addEventListener('click', () => {
    localStorage.removeItem(TABS);
    location.reload();
  });
  const out = element('button', { id: 'sign-out', hidden: who === null }, 'Sign out');
  out.addEventListener('click', () => void signOut());
  bar.replaceChildren(
    element('span', { className: 'who', id: 'who', role: 'status' }, who ? `Signed in: ${who}` : 'Not signed in'),
    out,
    problem,
    element('span', { className: 'space' }),
    form,
    reset,
  );
  if (new URLSearchParams(location.search).get('sign_in') === 'failed') problem.textContent = 'The sign-in failed.';
}

void show();
