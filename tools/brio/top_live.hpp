// `brio top` on a terminal: asks every few seconds, draws, hears keys, until somebody ends it.
#pragma once
#include <chrono>
#include <string>

#include "top_choice.hpp"
#include "top_reader.hpp"

namespace brio::tool {

struct LiveOptions {
    TopReader::Options reader;
    std::chrono::nanoseconds every = std::chrono::seconds(2);
    Choice choice;
};

struct LiveEnd {
    std::string failure;  // there was nothing to show; empty: it was ended
    int status = 0;
};
/// Requires Terminal::is_there(). The terminal is left as it was on every way out: a key, SIGINT, SIGTERM,
/// SIGHUP, SIGQUIT, an exception; SIGTSTP stops with the terminal as it was, and SIGCONT draws anew.
LiveEnd follow_live(LiveOptions options);

}  // namespace brio::tool
