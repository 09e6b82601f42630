#pragma once

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

/// Compares `text` with the golden file `test/<name>`, whole. With CPPVALDI_REWRITE_GOLDEN=1 in the environment the file is
/// written instead, for its diff to be reviewed.
inline void check_golden(const std::string& name, const std::string& text) {
    const std::string path = std::string(CPPVALDI_TEST_FOLDER) + '/' + name;
    if (std::getenv("CPPVALDI_REWRITE_GOLDEN") != nullptr) {
        std::ofstream(path, std::ios::binary) << text;
        return;
    }
    std::ifstream file(path, std::ios::binary);
    BOOST_REQUIRE_MESSAGE(file.is_open(), "test/" + name + " is missing; write it with CPPVALDI_REWRITE_GOLDEN=1");
    std::ostringstream wanted;
    wanted << file.rdbuf();
    BOOST_CHECK_MESSAGE(text == wanted.str(),
                        "differs from test/" + name + "\n--- wanted\n" + wanted.str() + "--- is\n" + text);
}
