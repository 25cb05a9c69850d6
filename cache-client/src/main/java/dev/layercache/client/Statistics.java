package dev.layercache.client;

import java.time.Duration;

/**
 * What a server holds now, and what it did since it started.
 *
 * @param blobs stored now
 * @param bytesStored their bytes
 * @param bytesReceived blob bytes that clients sent since the start
 * @param bytesSent blob bytes that clients were sent since the start
 * @param hits blobs asked for and found since the start
 * @param misses blobs asked for and not found since the start
 * @param uploads unfinished uploads now
 * @param uptime since the server was ready
 * @param damaged blobs found damaged since the start
 */
public record Statistics(
    long blobs,
    long bytesStored,
    long bytesReceived,
    long bytesSent,
    long hits,
    long misses,
    long uploads,
    Duration uptime,
    long damaged) {}
