// `bench --subject`: the program as it is measured. It serves itself, over a memory link or a socket of its
// own, and asks itself what its standard input says (bench/protocol.hpp). For bench_command.cpp only.
#pragma once
#include <brio/app/bench_words.hpp>
#include <brio/app/detail/program.hpp>
#include <brio/app/settings.hpp>

namespace brio::app {

/// Until the end of its input. On a database that was made for it nothing of it gets to what others use: it
/// has no Redis and no broker. Gives the exit status.
int run_bench_subject(Program& program, Settings settings, const BenchWords& words);

}  // namespace brio::app
