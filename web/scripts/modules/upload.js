// A file larger than one request goes in parts, each where the last one ended; the form then names
// the upload in place of the file. Without this the form itself carries files up to the limit.
const SMALL = 7 * 1024 * 1024;
const headers = { accept: 'application/json' };

async function begin(form, file) {
  const answer = await fetch(form.dataset.upload, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ size: file.size, name: file.name.slice(0, 200) }),
  });
  return answer.ok ? answer.json() : null;
}

async function sendParts(form, file) {
  const upload = await begin(form, file);
  const progress = form.querySelector('[data-progress]');
  progress.hidden = false;
  for (let at = 0; upload && at < file.size; at += upload.part_max) {
    const body = file.slice(at, at + upload.part_max);
    const part = await fetch(`${upload.upload_url}?at=${at}`, { method: 'POST', headers, body });
    if (!part.ok) return null;
    progress.value = Math.min(1, (at + upload.part_max) / file.size);
  }
  return upload;
}

document.addEventListener('submit', async event => {
  const form = event.target;
  const field = form.matches('[data-upload]') && form.querySelector('input[type=file]');
  const file = field && field.files[0];
  if (!file || file.size <= SMALL) return;
  event.preventDefault();
  const upload = await sendParts(form, file).catch(() => null);
  if (upload) {
    form.elements.upload.value = upload.id;
    field.disabled = true;
  }
  // Without an upload the server says what was wrong with the file.
  form.submit();
});
