// What the simulator answers: the API of a payment provider for shops (/v1/…), the hosted page for
// their customers (/pay/ID), and controls for tests (/test/…). Each fills call->answer.
#pragma once

#include "payment.h"
#include "server.h"

// JSON, or JSON's refusal {"error": {"code", "field", "message"}}.
void answer_json(struct call *call, int status, struct value *v);
void answer_refused(struct call *call, int status, const char *code, const char *message);
// A JSON object with no other keys than ours; else answers 400 and returns NULL.
struct value *call_object(struct call *call);

// The part of the path after `prefix`, or absent.
struct str call_rest(const struct call *call, const char *prefix);

// `origin` is where a browser finds us: "http://127.0.0.1:41234".
void api_init(struct str origin);
void api_serve(struct call *call);
// While on, shops get 503.
void api_outage(bool on);
void control_serve(struct call *call);
// Reads pages and words below `dir`; false with a message for the operator.
bool page_init(struct arena *a, const char *dir, struct str origin);
void page_serve(struct call *call);
