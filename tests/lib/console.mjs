// Somebody at the platform's console.

const password = 'lighthouse at noon';

// Logged in; the role is what the console gives account managers unless said otherwise.
export async function consoleVisitor(server, email = 'olga@platform.example', role = 'account_manager') {
  await server.vitrine('operator', 'create', email, { input: `${password}\n` });
  await server.sql('UPDATE operator SET role = $2, name = $3 WHERE email = $1',
    [email, role, email.replace(/@.*/, '').replace(/^./, (c) => c.toUpperCase())]);
  const visitor = server.visitor();
  const page = await visitor.post('/console/login', { form: { email, password } });
  if (page.status !== 303) throw new Error(`${email} could not log in: ${page.status}`);
  return { visitor, email, password };
}
