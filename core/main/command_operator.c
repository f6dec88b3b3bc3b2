#include "main/command.h"

int command_operator(const struct config *config, int argc, char **argv)
{
    (void)config, (void)argc, (void)argv;
    return 1;
}
