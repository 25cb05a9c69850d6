package dev.layercache.server.demo;

import dev.layercache.client.TransferReport;

/**
 * One push or pull of the demonstration.
 *
 * @param what in words
 * @param report what it did
 */
record DemoStep(String what, TransferReport report) {}
