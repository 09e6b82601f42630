#pragma once

#include <boost/test/unit_test.hpp>

#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

/// For BOOST_CHECK_EXCEPTION: whether the text has all of these parts in it, one after the other.
[[nodiscard]] inline auto says(std::vector<std::string> parts) {
    return [parts = std::move(parts)](const std::exception& problem) {
        std::string_view rest = problem.what();
        for (const std::string& part : parts) {
            const std::size_t found = rest.find(part);
            if (found == std::string_view::npos) {
                BOOST_TEST_MESSAGE("'" << part << "' is not in its place in:\n" << problem.what());
                return false;
            }
            rest.remove_prefix(found + part.size());
        }
        return true;
    };
}

/// For a `std::system_error`: whether it has this code.
[[nodiscard]] inline auto has_code(std::errc wanted) {
    return [wanted](const std::system_error& problem) { return problem.code() == std::make_error_code(wanted); };
}
