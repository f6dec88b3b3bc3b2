// The payment provider that sandbox-pay talks to, one for each server, and its controls: hold
// notifications back, deliver them in any order, let the provider fail.
import { createHmac } from 'node:crypto';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { atEnd, build, root, temporaryFolder } from './place.mjs';

export class Payments {
  static async start() {
    const payments = new Payments();
    payments.folder = temporaryFolder();
    await payments.resume();
    atEnd(() => payments.stop());
    return payments;
  }

  // Also after kill(): on the same port, with the same secret, and no memory of any payment.
  async resume() {
    const file = join(this.folder, 'url');
    rmSync(file, { force: true });
    this.child = spawn(
      join(build, 'plugins/sandbox-pay/simulator'),
      [this.folder, ...(this.url ? [new URL(this.url).port] : [])],
      { stdio: ['ignore', 'ignore', 'inherit'], detached: true, env: { ...process.env, VITRINE_HOME: root } },
    );
    this.child.unref();
    this.ended = new Promise((resolve) => this.child.once('exit', resolve));
    for (let i = 0; i < 500 && !existsSync(file); i++) await sleep(10);
    this.url = readFileSync(file, 'utf8');
    this.secret = readFileSync(join(this.folder, 'secret'), 'utf8').trim();
  }

  get env() {
    return {
      VITRINE_SANDBOX_PAY_URL: this.url,
      VITRINE_SANDBOX_PAY_SECRET_FILE: join(this.folder, 'secret'),
    };
  }

  async #ask(method, path, body) {
    const response = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.secret}` },
      body: body && JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  // Newest first: {id, state, refusal, amount_minor, reference, refunds, …}.
  list() {
    return this.#ask('GET', '/test/payments');
  }

  // Newest first: {id, type, payment, state, tries, status, url, body}.
  notices() {
    return this.#ask('GET', '/test/notices');
  }

  // Keeps notifications back until they are delivered, or paused is false again.
  pause(paused = true) {
    return this.#ask('POST', '/test/pause', { paused });
  }

  // Delivers these now, in this order; without any, all that wait, oldest first, and those that
  // follow from them. The shop's statuses.
  async deliver(ids) {
    const all = [];
    for (let more = true; more; ) {
      const { statuses } = await this.#ask('POST', '/test/deliver', { ids });
      all.push(...statuses);
      more = !ids && statuses.length > 0 && statuses.every((status) => status === 200);
    }
    return all;
  }

  // While on, the provider's API answers 503.
  outage(on = true) {
    return this.#ask('POST', '/test/outage', { on });
  }

  // The session of an open payment page ends now.
  expire(payment) {
    return this.#ask('POST', '/test/expire', { payment });
  }

  // What a notification to this site is signed with, at a time in seconds.
  sign(site, body, at = Math.floor(Date.now() / 1000)) {
    const mac = (key, text) => createHmac('sha256', key).update(text).digest('hex');
    const secret = mac(this.secret, `notify/${site.slug}`).slice(0, 32);
    return `t=${at},v1=${mac(secret, `${at}.${body}`)}`;
  }

  async kill() {
    this.child.ref();
    this.child.kill('SIGKILL');
    await this.ended;
  }

  async stop() {
    this.child.ref();
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    await this.ended;
  }
}
