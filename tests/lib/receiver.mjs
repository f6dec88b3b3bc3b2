// A program that webhooks are sent to: it keeps what it got and answers as a test wants.
import http from 'node:http';
import { atEnd } from './place.mjs';

// `answer(request)` gives {status, headers, body}, or null to say nothing at all.
export async function startReceiver(answer = () => ({ status: 200 })) {
  const receiver = { requests: [], answer };
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const got = { path: request.url, headers: request.headers, body, event: JSON.parse(body) };
      receiver.requests.push(got);
      const said = receiver.answer(got);
      if (!said) return;
      response.writeHead(said.status, said.headers);
      response.end(said.body ?? '');
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  receiver.url = `http://127.0.0.1:${server.address().port}`;
  // What came since it was asked last.
  receiver.take = () => receiver.requests.splice(0);
  return receiver;
}
