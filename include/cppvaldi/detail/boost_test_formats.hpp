#pragma once

#include <boost/test/unit_test_log.hpp>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cppvaldi::detail {

/// What the command line says of the log, read once more: Boost.Test cannot be asked which formats are enabled, and, where its
/// library and the program come from different compilers, not for its parameters either. The environment is not looked at.
class boost_test_formats {
public:
    [[nodiscard]] static std::vector<boost::unit_test::output_format> asked_for() {
        std::ifstream file("/proc/self/cmdline", std::ios::binary);
        const std::string all{std::istreambuf_iterator<char>(file), {}};
        std::vector<std::string> words;
        for (std::size_t begin = 0; begin < all.size(); begin = all.find('\0', begin) + 1) {
            words.emplace_back(all.c_str() + begin);
        }
        std::string told = value_of(words, "logger", "");
        if (told.empty()) {
            told = value_of(words, "log_format", "-f");
        }
        if (told.empty()) {
            told = value_of(words, "output_format", "-o");
        }
        return in(':' + told);
    }

private:
    using output_format = boost::unit_test::output_format;

    /// Every logger that is named; the readable one if none is.
    [[nodiscard]] static std::vector<output_format> in(const std::string& loggers) {
        std::vector<output_format> formats;
        for (const auto& [name, format] :
             {std::pair{":HRF", boost::unit_test::OF_CLF}, std::pair{":CLF", boost::unit_test::OF_CLF},
              std::pair{":XML", boost::unit_test::OF_XML}, std::pair{":JUNIT", boost::unit_test::OF_JUNIT}}) {
            if (loggers.find(name) != std::string::npos) {
                formats.push_back(format);
            }
        }
        return formats.empty() ? std::vector{boost::unit_test::OF_CLF} : formats;
    }

    /// Of `--log_format=XML`, `--log_format XML`, `--log_f=XML`, `-f XML`, `-fXML`: `XML`. The last one counts.
    [[nodiscard]] static std::string value_of(const std::vector<std::string>& words, std::string_view name,
                                              std::string_view letter) {
        constexpr std::size_t shortest = 5; // of an abbreviated name
        std::string value;
        for (std::size_t position = 1; position < words.size() && words[position] != "--"; ++position) {
            const std::string_view word = words[position];
            const bool is_long = word.starts_with("--");
            const std::size_t end = std::min(word.find('='), word.size());
            const std::string_view given = is_long ? word.substr(2, end - 2) : word.substr(0, letter.size());
            if (is_long ? given.size() < shortest || !name.starts_with(given) : letter.empty() || given != letter) {
                continue;
            }
            const std::string_view rest = word.substr(is_long ? std::min(end + 1, word.size()) : letter.size());
            value = !rest.empty()                 ? rest
                    : position + 1 < words.size() ? std::string_view(words[position + 1])
                                                  : std::string_view();
        }
        return value;
    }
};

} // namespace cppvaldi::detail
