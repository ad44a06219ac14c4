package dev.turnstile.local.demo;

import java.lang.management.ManagementFactory;

/**
 * Where an experiment ran.
 *
 * @param cores processors that the JVM may use
 * @param memoryMb memory of the machine or container, in MiB
 * @param os name, version and architecture of the operating system
 * @param jdk vendor and version of the JDK
 */
public record HostInfo(int cores, long memoryMb, String os, String jdk) {

    /** The machine this runs on. */
    public static HostInfo here() {
        long memory =
                ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                        ? system.getTotalMemorySize() >> 20
                        : 0;
        return new HostInfo(
                Runtime.getRuntime().availableProcessors(),
                memory,
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"),
                System.getProperty("java.vendor") + " " + System.getProperty("java.version"));
    }
}
