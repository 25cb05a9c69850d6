package dev.layercache.transport;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * A message whose byte fields may lie in the transport's own buffers. Whoever takes it closes it
 * when the last of its bytes is consumed, and looks at no byte of it after that. Not thread-safe;
 * closing twice does nothing.
 */
public final class Received<T> implements AutoCloseable {
  private final T message;
  private final InputStream owner;

  /**
   * @param owner holds the buffers until it is closed
   */
  public Received(T message, InputStream owner) {
    this.message = message;
    this.owner = owner;
  }

  public T message() {
    return message;
  }

  @Override
  public void close() {
    try {
      owner.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
