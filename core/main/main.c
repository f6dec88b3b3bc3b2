#include "main/command.h"

int main(int argc, char **argv)
{
    return command_run(argc - 1, argv + 1);
}
