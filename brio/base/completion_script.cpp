#include <brio/base/completion.hpp>
#include <brio/base/text.hpp>

namespace brio {
namespace {

constexpr std::string_view for_bash =
    R"script(# bash completion of PROGRAM; it asks the program itself.
FUNCTION() {
    local line program=${COMP_WORDS[0]/#\~/$HOME}
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ $line == :files ]]; then
            compopt -o default 2>/dev/null
        else
            COMPREPLY+=("${line%%$'\t'*}")
        fi
    done < <("$program" completion words "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F FUNCTION PROGRAM
)script";

constexpr std::string_view for_zsh = R"script(#compdef PROGRAM
# zsh completion of PROGRAM; it asks the program itself.
FUNCTION() {
    local line
    local -a candidates
    for line in "${(@f)$(${(Q)~words[1]} completion words "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
        if [[ $line == :files ]]; then
            _files
        elif [[ $line == *$'\t'* ]]; then
            candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
        elif [[ -n $line ]]; then
            candidates+=("${line//:/\\:}")
        fi
    done
    (( $#candidates )) && _describe -V PROGRAM candidates
}
if [[ ${funcstack[1]} == _PROGRAM ]]; then
    FUNCTION "$@"
else
    compdef FUNCTION PROGRAM
fi
)script";

constexpr std::string_view for_fish = R"script(# fish completion of PROGRAM; it asks the program itself.
function FUNCTION
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    for line in (eval $program completion words (string escape -- $words "$last") 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path "$last"
        else
            echo $line
        end
    end
end
complete -c PROGRAM -f -a "(FUNCTION)"
)script";

std::string filled(std::string_view script, std::string_view program) {
    std::string function = concat({"_", program, "_completion"});
    for (char& c : function) {
        c = c == '-' || c == '.' ? '_' : c;
    }
    std::string text;
    for (;;) {
        auto const next = std::min(script.find("PROGRAM"), script.find("FUNCTION"));
        text += script.substr(0, next);
        if (next == std::string_view::npos) {
            return text;
        }
        script.remove_prefix(next);
        auto const is_program = script.starts_with("PROGRAM");
        text += is_program ? program : std::string_view(function);
        script.remove_prefix(is_program ? 7 : 8);
    }
}

}  // namespace

std::optional<std::string> completion_script(std::string_view shell, std::string_view program) {
    if (shell == "bash") {
        return filled(for_bash, program);
    }
    if (shell == "zsh") {
        return filled(for_zsh, program);
    }
    if (shell == "fish") {
        return filled(for_fish, program);
    }
    return std::nullopt;
}

}  // namespace brio
