#include "web/customer_problem.h"

#include "http/respond.h"

void customer_problem(struct request *r, enum customer_result result)
{
    switch (result) {
    case CUSTOMER_GONE:
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    case CUSTOMER_CHANGED:
    case CUSTOMER_TAKEN:
        respond_problem(r, PROBLEM_CONFLICT);
        return;
    case CUSTOMER_TRIED:
        respond_problem(r, PROBLEM_TOO_MANY);
        return;
    case CUSTOMER_VERIFIED:
        respond_problem_code(r, PROBLEM_FORBIDDEN, "verified_person");
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}
