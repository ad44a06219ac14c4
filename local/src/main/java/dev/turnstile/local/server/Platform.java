package dev.turnstile.local.server;

import dev.turnstile.local.project.UserError;
import java.util.Locale;

/** The kinds of machine for which there are programs of the servers. */
enum Platform {
    LINUX_X64,
    MAC_X64,
    MAC_ARM64;

    /**
     * The machine we run on.
     *
     * @throws UserError if there are no programs for it
     */
    static Platform current() {
        return of(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    static Platform of(String osName, String osArch) {
        String os = osName.toLowerCase(Locale.ROOT);
        boolean x64 = osArch.equals("amd64") || osArch.equals("x86_64");
        if (os.equals("linux") && x64) {
            return LINUX_X64;
        }
        if (os.startsWith("mac") && x64) {
            return MAC_X64;
        }
        if (os.startsWith("mac") && osArch.equals("aarch64")) {
            return MAC_ARM64;
        }
        throw new UserError("there are no Redis and MySQL programs for " + osName + " on " + osArch
                + " (only for Linux on x86-64 and macOS): name your own servers with --redis-line, --redlock-nodes and"
                + " --mysql-url");
    }
}
