import styles from './button.module.css';

export const button = (text) => `<button class="${styles.button} ${styles.large}">${text}</button>`;
