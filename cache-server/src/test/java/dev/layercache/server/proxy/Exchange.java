package dev.layercache.server.proxy;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A request that came through a proxy, and what was sent back so far. */
public final class Exchange {
  private final String method;
  private final String path;
  private final Optional<String> range;
  private final AtomicInteger status = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  Exchange(String method, String path, Optional<String> range) {
    this.method = method;
    this.path = path;
    this.range = range;
  }

  public String method() {
    return method;
  }

  /** With its query. */
  public String path() {
    return path;
  }

  /** The {@code Range} header. */
  public Optional<String> range() {
    return range;
  }

  /** 0 while there is none. */
  public int status() {
    return status.get();
  }

  /** Bytes of the body that were sent. */
  public long bytes() {
    return bytes.get();
  }

  void answered(int code) {
    status.set(code);
  }

  void sent(int count) {
    bytes.addAndGet(count);
  }

  @Override
  public String toString() {
    return method + ' ' + path + range.map(r -> " " + r).orElse("") + " " + status + " " + bytes;
  }
}
