// The program's version, semantic; the changelog says what came with it. Backups and exports carry
// it, for people: what decides is their format and the migrations they name.
#pragma once

#define VITRINE_VERSION "0.3.0"
