package dev.layercache.client;

/**
 * What a backup holds.
 *
 * @param blobs in it
 * @param bytes of them, shared with the store by hard links
 */
public record BackupReport(long blobs, long bytes) {}
