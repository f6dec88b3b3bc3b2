#include <stdio.h>

#include "io/fiber.h"
#include "main/command.h"
#include "main/doctor.h"

enum { WAIT_MS = 3000, STEP_MS = 20 };

bool doctor_is_local(const struct doctor *d)
{
    return str_ends(d->config->host, STR(".localhost")) || str_is(d->config->host, "localhost");
}

void doctor_fine(const char *what)
{
    printf("  ok    %s\n", what);
}

void doctor_note(struct str what, const char *cure)
{
    printf("  note  %.*s: %s\n", STR_ARG(what), cure);
}

void doctor_mend(struct doctor *d, struct str what, const char *cure)
{
    printf("  MEND  %.*s\n        %s\n", STR_ARG(what), cure);
    d->troubles++;
}

void doctor_mend_public(struct doctor *d, struct str what, const char *cure)
{
    if (doctor_is_local(d))
        doctor_note(what, cure);
    else
        doctor_mend(d, what, cure);
}

bool doctor_wait(bool (*is_up)(void))
{
    for (int waited = 0; waited < WAIT_MS && !is_up(); waited += STEP_MS)
        fiber_sleep(STEP_MS);
    return is_up();
}

int command_doctor(const struct config *config, int argc, char **argv)
{
    struct doctor d = {fiber_arena(), config, 0};
    (void)argc, (void)argv;
    printf("vitrine at %.*s%.*s\n", STR_ARG(config->host), STR_ARG(config->public_port));
    doctor_machine(&d);
    doctor_database(&d);
    doctor_services(&d);
    if (d.troubles)
        printf("%d to mend\n", d.troubles);
    else
        printf("all is well\n");
    return d.troubles ? 1 : 0;
}
